"""The delta-hedged short strangle: earns implied minus realised volatility, loses in jumps.

Source: DOMAIN §9.1. It is entered as one group, and left leg by leg; nothing is remembered between
two calls.
"""

from decimal import Decimal
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instant import MINUTE_MS
from bot.domain.instrument import Kind, OptionType
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.strategy.interface import (
    LegWish,
    Params,
    Place,
    PlaceGroup,
    Proposal,
    Resting,
    View,
    Withdraw,
)
from bot.strategy.strangle.hedge import hedge
from bot.strategy.strangle.leave import reason_to_leave
from bot.strategy.strangle.legs import choose_leg, expiry_of
from bot.strategy.strangle.params import StrangleParams, read
from bot.strategy.strangle.price import stepped_price

__all__ = ["decide"]

# An attempt goes on from the last one even when a gate kept it waiting for a while in between.
_PATIENCE_KEPT_MS: Final = MINUTE_MS
_EMPTY: Final = "EMPTY"
_LEG_NUMBER: Final = {OptionType.CALL: 0, OptionType.PUT: 1}


def decide(view: View, params: Params) -> tuple[Proposal, ...]:
    """Propose what the strangle wants now."""
    wanted = read(params)
    held = _short_legs(view)
    proposals: list[Proposal] = [*_stale(view, wanted)]
    reason = reason_to_leave(view, wanted, legs=tuple(held)) if held else None
    if reason is not None:
        proposals += _leave(view, wanted, legs=held, why=reason)
    elif _may_enter(view, wanted):
        group = _enter(view, wanted)
        proposals += [] if group is None else [group]
    sizes = [abs(view.held[name].quantity) for name in held]
    trade = hedge(view, wanted, short_size=max(sizes, default=Decimal(0)))
    if trade is not None:
        proposals.append(trade)
    return tuple(proposals)


def _short_legs(view: View) -> list[InstrumentName]:
    return [
        name
        for name, held in sorted(view.held.items())
        if held.quantity < 0
        and name in view.instruments
        and view.instruments[name].kind is Kind.OPTION
    ]


def _stale(view: View, params: StrangleParams) -> list[Withdraw]:
    """Withdraw what has rested for a step, so that the next attempt can ask for less."""
    return [
        Withdraw(intent_id=order.intent_id, why="rested for its step")
        for order in view.orders
        if order.is_live
        and not order.is_unknown
        and view.now_ms - order.decided_ms >= params.step_s * 1000
    ]


def _may_enter(view: View, params: StrangleParams) -> bool:
    if view.mode is not Mode.ACTIVE or view.index is None:
        return False
    if any(held.quantity != 0 and name != view.hedge for name, held in view.held.items()):
        return False
    if view.group is not None and view.group.is_live:
        return False
    funding = view.quotes[view.hedge].funding_8h if view.hedge in view.quotes else None
    if funding is None or abs(funding) >= params.funding_8h_max:
        return False
    if view.move_day is not None and view.move_day > params.move_day_max:
        return False
    if view.realised_vol is None or view.move_day is None:
        return not params.history_required
    at_the_money = _at_the_money_iv(view)
    if at_the_money is None:
        return False
    return (at_the_money - view.realised_vol) * 100 >= params.premium_min_points


def _at_the_money_iv(view: View) -> float | None:
    """Return the volatility of the option whose strike is nearest its forward."""
    distances = []
    for name, quote in sorted(view.quotes.items()):
        strike = view.instruments[name].strike if name in view.instruments else None
        if strike is not None and quote.underlying is not None and quote.mark_iv is not None:
            distances.append((abs(strike - quote.underlying), name, quote.mark_iv))
    return min(distances)[2] if distances else None


def _enter(view: View, params: StrangleParams) -> PlaceGroup | None:
    """Sell both legs as one group: from the middle to the touch, an attempt a step."""
    expiry_ms = expiry_of(view.instruments.values(), now_ms=view.now_ms, params=params)
    if expiry_ms is None:
        return None
    attempt = _attempt(view, params)
    legs = []
    for option_type in OptionType:
        name = choose_leg(view, params, option_type=option_type, expiry_ms=expiry_ms)
        wish = None if name is None else _leg(view, params, name, attempt=attempt)
        if wish is None:
            return None  # a strangle has two legs or none
        legs.append(wish)
    return PlaceGroup(
        legs=tuple(legs),
        size=Amount(params.size),
        rest_ms=params.step_s * 1000,
        attempt=attempt,
        why="entry",
    )


def _leg(
    view: View, params: StrangleParams, name: InstrumentName, *, attempt: int
) -> LegWish | None:
    quote = view.quotes.get(name)
    if quote is None or quote.bid is None or quote.ask is None:
        return None
    price = stepped_price(quote, side=Side.SELL, attempt=attempt, steps=params.steps)
    # Two rescues give way by a quarter of the spread and by a half.
    limit = quote.bid.price - (quote.ask.price - quote.bid.price) / 2
    ticks = view.instruments[name].ticks
    worst = ticks.down(max(limit, ticks.tick))
    if price is None or worst > price:
        return None
    return LegWish(instrument=name, side=Side.SELL, ratio=Decimal(1), price=price, limit=worst)


def _attempt(view: View, params: StrangleParams) -> int:
    """Go on from the last attempt when that one came to nothing a moment ago."""
    last = view.group
    if last is None or last.stage != _EMPTY:
        return 0
    kept_ms = 3 * params.step_s * 1000 + _PATIENCE_KEPT_MS
    return last.attempt + 1 if view.now_ms - last.ended_ms <= kept_ms else 0


def _leave(
    view: View, params: StrangleParams, *, legs: list[InstrumentName], why: str
) -> list[Proposal]:
    proposals: list[Proposal] = []
    for name in legs:
        option_type = view.instruments[name].option_type
        leg = _LEG_NUMBER[option_type] if option_type is not None else 0
        amount = Amount(abs(view.held[name].quantity))
        place = _patient(view, params, name, side=Side.BUY, amount=amount, leg=leg, why=why)
        if place is not None:
            proposals.append(place)
    wrong_way = [
        Withdraw(intent_id=order.intent_id, why=why)
        for order in view.orders
        if order.is_live
        and not order.is_unknown
        and order.side is Side.SELL
        and order.instrument in legs
    ]
    return [*wrong_way, *proposals]


def _patient(
    view: View,
    params: StrangleParams,
    name: InstrumentName,
    *,
    side: Side,
    amount: Amount,
    leg: int,
    why: str,
) -> Place | None:
    quote = view.quotes.get(name)
    mine = [order for order in view.orders if order.instrument == name and order.side is side]
    if quote is None or any(order.is_live for order in mine):
        return None
    attempt = max(
        (order.attempt + 1 for order in mine if _is_recent(view, params, order)), default=0
    )
    price = stepped_price(quote, side=side, attempt=attempt, steps=params.steps)
    if price is None and side is Side.BUY and quote.ask is not None:
        price = quote.ask.price  # an exit does not wait for a second side
    if price is None:
        return None
    return Place(
        instrument=name,
        side=side,
        amount=amount,
        price=price,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        is_exit=side is Side.BUY,
        attempt=attempt,
        leg=leg,
        why=why,
    )


def _is_recent(view: View, params: StrangleParams, order: Resting) -> bool:
    return view.now_ms - order.decided_ms <= 3 * params.step_s * 1000 + _PATIENCE_KEPT_MS
