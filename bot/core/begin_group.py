"""From a strategy's wish for several legs to a recorded group, or a refusal of all of it [C-401].

Every leg is judged with the others counted as pending: a group whose last leg could only be refused
is not begun.
"""

from collections.abc import Iterable
from math import inf

from bot.core.author import author_of
from bot.core.place import judge
from bot.core.record import GroupBegun
from bot.core.refuse import refuse
from bot.core.risk import definition, risk_of, signed_pending
from bot.core.state import State
from bot.core.turn import Turn
from bot.domain.ids import GroupId, InstrumentName
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import EXACT, Amount, exact, plain
from bot.domain.order import TimeInForce
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.group.group import Group, Leg, Stage
from bot.intent.quantise import GroupLeg, quantise_group
from bot.portfolio.exposure import Pending
from bot.portfolio.position import FLAT
from bot.strategy.interface import LegWish, Place, PlaceGroup, View

__all__ = ["begin_group"]

_LEGS_MAX = 4
_REST_MS_MAX = 120_000
_COOL_MS = 300_000


def begin_group(turn: Turn, wish: PlaceGroup, view: View) -> None:
    """Record a new group, or why there is none."""
    legs = _legs_of(turn.state, wish, view)
    refusals = (legs,) if isinstance(legs, Refusal) else _judge(turn.state, wish, legs)
    if refusals or isinstance(legs, Refusal):
        _refuse(turn, wish, refusals)
        return
    sequence = turn.state.durable.sequence + 1
    group = Group(
        group_id=GroupId(f"g{sequence}"),
        strategy=turn.state.settings.strategy.name,
        legs=legs,
        size=Amount(EXACT.divide(legs[0].amount, legs[0].ratio)),
        attempt=wish.attempt,
        rest_ms=min(max(wish.rest_ms, 0), _REST_MS_MAX),
        begun_ms=turn.state.now_ms,
        why=wish.why,
        instruments=_definitions(turn.state, legs),
    )
    turn.record(GroupBegun(group=group, sequence=sequence))
    turn.say("group", group_id=group.group_id, legs=len(legs), why=wish.why)


def _legs_of(state: State, wish: PlaceGroup, view: View) -> tuple[Leg, ...] | Refusal:
    """Check the shape, cut the size, and put the legs into the order in which they are worked."""
    group = state.durable.group
    if group is not None and not group.stage.is_over:
        return Refusal(reason=Reason.GROUP_BUSY, was=group.group_id)
    if group is not None and _is_cooling(group, now_ms=state.now_ms):
        was = f"{group.group_id} ended {group.stage.value} just now"
        return Refusal(reason=Reason.GROUP_BUSY, was=was, limit=f"{_COOL_MS // 1000} s of rest")
    for leg in wish.legs:
        for number in (leg.ratio, leg.price, leg.limit, wish.size):
            exact(number)
        if leg.instrument in state.durable.closings:
            return Refusal(reason=Reason.CLOSING, was=leg.instrument)
        held = state.durable.positions.get(leg.instrument, FLAT).quantity * leg.side.sign
        if held < 0:
            # Its excess could not be told from what is held, and would be closed the wrong way.
            was = f"{leg.instrument} is held the other way"
            return Refusal(reason=Reason.GROUP_SHAPE, was=was)
    known = {leg.instrument: definition(state, leg.instrument) for leg in wish.legs}
    instruments = {name: of for name, of in known.items() if of is not None}
    if len(instruments) < len(known):
        return Refusal(reason=Reason.SIZING_METADATA_STALE, was="no definition")
    why_not = _shape(wish, instruments.values())
    if why_not is not None:
        return Refusal(reason=Reason.GROUP_SHAPE, was=why_not)
    size = wish.size
    for leg in wish.legs:
        if instruments[leg.instrument].kind is Kind.OPTION:
            largest = state.settings.policy.per_order.amount_max
            size = min(size, Amount(EXACT.divide(largest, leg.ratio)))
    ordered = sorted(wish.legs, key=lambda leg: _hardness(state, view, leg, size=size))
    amounts = quantise_group(
        size, legs=[GroupLeg(instruments[leg.instrument], leg.ratio) for leg in ordered]
    )
    if isinstance(amounts, Refusal):
        return amounts
    return tuple(
        Leg(
            instrument=leg.instrument,
            side=leg.side,
            ratio=leg.ratio,
            amount=amount,
            price=leg.price,
            limit=leg.limit,
        )
        for leg, amount in zip(ordered, amounts, strict=True)
    )


def _is_cooling(group: Group, *, now_ms: int) -> bool:
    """Say whether the last one had to be closed so lately that the next would fare no better: each
    costs the spread twice.
    """
    is_costly = group.stage in (Stage.FLATTENED, Stage.HEDGED)
    return is_costly and now_ms - group.ended_ms < _COOL_MS


def _definitions(state: State, legs: tuple[Leg, ...]) -> dict[InstrumentName, Instrument]:
    """Keep them with the group: the venue's list may lose one while a leg of it is worked."""
    known = {leg.instrument: definition(state, leg.instrument) for leg in legs}
    return {name: of for name, of in known.items() if of is not None}


def _shape(wish: PlaceGroup, instruments: Iterable[Instrument]) -> str | None:
    if not 2 <= len(wish.legs) <= _LEGS_MAX:  # a pair at least
        return f"{len(wish.legs)} legs"
    if len({leg.instrument for leg in wish.legs}) < len(wish.legs):
        return "two legs of one instrument"
    if len({of.currency for of in instruments}) > 1:
        return "legs of more than one currency"
    if wish.size <= 0 or min(min(leg.ratio, leg.price, leg.limit) for leg in wish.legs) <= 0:
        return "a size, a ratio or a price of 0 or less"
    for leg in wish.legs:
        if (leg.limit - leg.price) * leg.side.sign < 0:
            return f"{leg.instrument}: the limit is better than the price"
    return None


def _hardness(state: State, view: View, leg: LegWish, *, size: Amount) -> tuple[bool, float, str]:
    """Protective legs come first, then the hardest to fill (DOMAIN §10.1).

    Hardness is the spread in vol points times size over depth; infinite when it is not known.
    """
    is_short = leg.side is Side.SELL
    quote, name = view.quotes.get(leg.instrument), leg.instrument
    unit = risk_of(state, view.currency, also=(name,)).units.get(name)
    touch = None if quote is None else (quote.bid if is_short else quote.ask)
    if quote is None or quote.bid is None or quote.ask is None or touch is None or unit is None:
        return is_short, -inf, name
    if view.index is None or unit.vega <= 0 or touch.amount <= 0:
        return is_short, -inf, name
    points = float(quote.ask.price - quote.bid.price) * float(view.index) / unit.vega
    return is_short, -points * float(size * leg.ratio) / float(touch.amount), name


def _judge(state: State, wish: PlaceGroup, legs: tuple[Leg, ...]) -> tuple[Refusal, ...]:
    for number, leg in enumerate(legs):
        beside = tuple(
            Pending(other.instrument, signed_pending(other.side, other.amount))
            for other in legs
            if other is not leg
        )
        place = Place(
            instrument=leg.instrument,
            side=leg.side,
            amount=leg.amount,
            price=leg.price,
            time_in_force=TimeInForce.IOC,
            post_only=False,
            is_exit=False,
            attempt=0,
            leg=number,
            why=wish.why,
        )
        author = author_of(state.settings.strategy)
        judged = judge(state, place, author=author, beside=beside)
        if isinstance(judged, Refusal):
            return (judged,)
        refusals = tuple(refusal for _, refusal in judged[2] if refusal is not None)
        if refusals:
            return refusals
    return ()


def _refuse(turn: Turn, wish: PlaceGroup, refusals: tuple[Refusal, ...]) -> None:
    legs = ", ".join(
        f"{leg.side.value} {plain(leg.ratio * wish.size)} {leg.instrument}" for leg in wish.legs
    )
    if not wish.legs:
        return
    first = wish.legs[0]
    refuse(
        turn,
        refusals,
        author=author_of(turn.state.settings.strategy),
        instrument=first.instrument,
        side=first.side,
        wanted=f"group of {legs}: {wish.why}",
    )
