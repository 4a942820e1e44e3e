"""The delta-hedged short strangle: earns implied minus realised volatility, loses in jumps.

Source: DOMAIN §9.1. It is entered as one group, and left leg by leg; nothing is remembered between
two calls. While a group is live its legs are its own: only delta is looked after meanwhile.
"""

from decimal import Decimal
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Kind, OptionType
from bot.domain.money import Amount
from bot.domain.side import Side
from bot.strategy.chain import expiry_of, nearest_delta
from bot.strategy.entry import attempt_of, is_clear, wish_leg
from bot.strategy.interface import Params, PlaceGroup, Proposal, View
from bot.strategy.patience import leave, stale
from bot.strategy.strangle.hedge import hedge
from bot.strategy.strangle.leave import reason_to_leave
from bot.strategy.strangle.params import StrangleParams, read

__all__ = ["decide"]

_LEG_NUMBER: Final = {OptionType.CALL: 0, OptionType.PUT: 1}


def decide(view: View, params: Params) -> tuple[Proposal, ...]:
    """Propose what the strangle wants now."""
    wanted = read(params)
    held = _short_legs(view)
    proposals: list[Proposal | None] = [*stale(view, step_s=wanted.step_s)]
    if view.group is None or not view.group.is_live:
        reason = reason_to_leave(view, wanted, legs=tuple(held)) if held else None
        if reason is not None:
            proposals += _leave(view, wanted, legs=held, why=reason)
        elif _may_enter(view, wanted):
            proposals.append(_enter(view, wanted))
    sizes = [abs(view.held[name].quantity) for name in held]
    proposals.append(hedge(view, wanted, short_size=max(sizes, default=Decimal(0))))
    return tuple(proposal for proposal in proposals if proposal is not None)


def _short_legs(view: View) -> list[InstrumentName]:
    return [
        name
        for name, held in sorted(view.held.items())
        if held.quantity < 0
        and name in view.instruments
        and view.instruments[name].kind is Kind.OPTION
    ]


def _may_enter(view: View, params: StrangleParams) -> bool:
    if not is_clear(view):
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
    expiry_ms = expiry_of(view.instruments.values(), now_ms=view.now_ms, days=params.days)
    if expiry_ms is None:
        return None
    attempt = attempt_of(view)
    legs = []
    for option_type in OptionType:
        name = nearest_delta(view, option_type=option_type, expiry_ms=expiry_ms, delta=params.delta)
        if name is None:
            return None  # a strangle has two legs or none
        wish = wish_leg(view, name, side=Side.SELL, attempt=attempt, steps=params.steps)
        if wish is None:
            return None
        legs.append(wish)
    return PlaceGroup(
        legs=tuple(legs),
        size=Amount(params.size),
        rest_ms=params.step_s * 1000,
        attempt=attempt,
        why="entry",
    )


def _leave(
    view: View, params: StrangleParams, *, legs: list[InstrumentName], why: str
) -> list[Proposal | None]:
    return [
        leave(
            view,
            name,
            leg=0 if option_type is None else _LEG_NUMBER[option_type],
            steps=params.steps,
            step_s=params.step_s,
            why=why,
        )
        for name in legs
        for option_type in (view.instruments[name].option_type,)
    ]
