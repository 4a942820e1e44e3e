"""The credit put spread: sells a put and buys a lower one, so that the most it can lose is known.

Source: DOMAIN §9.3. It is entered as one group, which buys the protection first. It is left the
other way round: the short put is bought back, and only once it is gone the protection is sold. So
what is held alone says how far an exit has come, and nothing is remembered between two calls. While
a group is live its legs are its own, and nothing is proposed.
"""

from decimal import Decimal
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Kind, OptionType
from bot.domain.money import EXACT
from bot.domain.side import Side
from bot.strategy.chain import expiry_of, nearest_delta
from bot.strategy.entry import attempt_of, is_clear, wish_leg
from bot.strategy.interface import LegWish, Params, PlaceGroup, Proposal, Quote, View
from bot.strategy.patience import leave, stale
from bot.strategy.vertical.leave import reason_to_leave
from bot.strategy.vertical.owed import size_of
from bot.strategy.vertical.params import VerticalParams, read

__all__ = ["decide"]

_SHORT: Final = 0
_LONG: Final = 1
_HEDGE: Final = 2


def decide(view: View, params: Params) -> tuple[Proposal, ...]:
    """Propose what the vertical wants now."""
    if view.group is not None and view.group.is_live:
        return ()
    wanted = read(params)
    proposals: list[Proposal | None] = [*stale(view, step_s=wanted.step_s)]
    shorts, longs = _held(view, sign=-1), _held(view, sign=1)
    if shorts:
        reasons = [reason_to_leave(view, wanted, short=name) for name in shorts]
        why = next((reason for reason in reasons if reason is not None), None)
        if why is not None:
            proposals += _leave(view, wanted, shorts, leg=_SHORT, why=why)
    elif any(name not in view.instruments for name in view.held):
        pass  # what is not known may be short: its protection stays
    elif longs:
        proposals += _leave(view, wanted, longs, leg=_LONG, why="there is nothing left to protect")
    elif _is_hedged(view):  # by the guard, when an option could not be closed
        proposals += _leave(view, wanted, [view.hedge], leg=_HEDGE, why="there is nothing to hedge")
    elif is_clear(view):
        proposals.append(_enter(view, wanted))
    return tuple(proposal for proposal in proposals if proposal is not None)


def _held(view: View, *, sign: int) -> list[InstrumentName]:
    return [
        name
        for name, held in sorted(view.held.items())
        if held.quantity * sign > 0
        and name in view.instruments
        and view.instruments[name].kind is Kind.OPTION
    ]


def _is_hedged(view: View) -> bool:
    held = view.held.get(view.hedge)
    return held is not None and held.quantity != 0


def _leave(
    view: View, params: VerticalParams, names: list[InstrumentName], *, leg: int, why: str
) -> list[Proposal | None]:
    return [
        leave(view, name, leg=leg, steps=params.steps, step_s=params.step_s, why=why)
        for name in names
    ]


def _enter(view: View, params: VerticalParams) -> PlaceGroup | None:
    """Buy the protection and sell the spread as one group, if it pays for its width."""
    expiry_ms = expiry_of(view.instruments.values(), now_ms=view.now_ms, days=params.days)
    if expiry_ms is None or view.index is None:
        return None
    put = OptionType.PUT
    long = nearest_delta(view, option_type=put, expiry_ms=expiry_ms, delta=params.long_delta)
    short = nearest_delta(view, option_type=put, expiry_ms=expiry_ms, delta=params.short_delta)
    if long is None or short is None:
        return None
    low, high = view.instruments[long].strike, view.instruments[short].strike
    if low is None or high is None or low >= high:
        return None
    if not _pays(params, view.quotes[short], view.quotes[long], width=high - low):
        return None
    legs = _legs(view, params, short, long=long)
    if legs is None:
        return None
    return PlaceGroup(
        legs=legs,
        size=size_of(params, short=high, long=low, index=view.index),
        rest_ms=params.step_s * 1000,
        attempt=attempt_of(view),
        why="entry",
    )


def _pays(params: VerticalParams, sold: Quote, bought: Quote, *, width: Decimal) -> bool:
    """Say whether the credit to be had at once is enough of the width, in USD at the forward."""
    if sold.bid is None or bought.ask is None or sold.underlying is None:
        return False
    credit_usd = EXACT.multiply(sold.bid.price - bought.ask.price, sold.underlying)
    return credit_usd >= params.credit_min * width


def _legs(
    view: View, params: VerticalParams, short: InstrumentName, *, long: InstrumentName
) -> tuple[LegWish, LegWish] | None:
    attempt = attempt_of(view)
    bought = wish_leg(view, long, side=Side.BUY, attempt=attempt, steps=params.steps)
    sold = wish_leg(view, short, side=Side.SELL, attempt=attempt, steps=params.steps)
    if bought is None or sold is None:
        return None
    # At its worst prices it is still sold: rescues may eat of the credit, and not all of it.
    return (bought, sold) if sold.limit > bought.limit else None
