"""What a group does next: one pure decision over what has filled and what may still [C-401, C-402].

Nothing is decided while an order of the group may still fill: a leg is judged only after its fence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.money import Amount
from bot.domain.refusal import Refusal
from bot.group.group import Group, Stage
from bot.intent.quantise import GroupLeg, quantise_group

__all__ = ["RESCUES_MAX", "Close", "End", "Move", "Seen", "Wait", "Work", "next_move"]

RESCUES_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What the group stands in.

    `is_live`: one of its orders may still fill; `is_doubtful`: only ones whose fate nobody has been
    able to tell for too long. `may_open`: mode, latch and time allow new risk. `held` is what is
    held of each leg on its side. `is_closing`: the guard still closes some of it; `is_stuck`: and
    has failed to. `is_flattened`: everything is being closed, whatever the group wants.
    """

    is_live: bool
    is_doubtful: bool
    may_open: bool
    is_closing: bool
    is_stuck: bool
    is_flattened: bool
    held: Mapping[InstrumentName, Decimal]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be decided now."""


@dataclass(frozen=True, slots=True)
class Work:
    """Send an order for a leg."""

    leg: int
    amount: Amount
    is_rescue: bool


@dataclass(frozen=True, slots=True)
class Close:
    """Have the guard close what has no counterpart: amounts per leg, 0 for none."""

    excess: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The group is over."""

    stage: Stage
    why: str


Move = Close | End | Wait | Work


def next_move(
    group: Group, seen: Seen, *, instruments: Mapping[InstrumentName, Instrument]
) -> Move:
    """Return the next move. `instruments` holds every leg's definition."""
    if group.stage.is_over or (seen.is_live and not seen.is_doubtful):
        return Wait()
    has_filled = any(leg.filled > 0 for leg in group.legs)
    if seen.is_flattened and not seen.is_live:
        why = "everything is being closed"
        return End(Stage.FLATTENED if has_filled else Stage.EMPTY, why)
    if seen.is_closing:
        return End(Stage.HEDGED, "what had filled could not be closed") if seen.is_stuck else Wait()
    if group.stage is not Stage.CLOSING and seen.may_open and not seen.is_live:
        work = _work(group, instruments)
        if work is not None:
            return work
    return _settle(group, seen, instruments, has_filled=has_filled)


def _work(group: Group, instruments: Mapping[InstrumentName, Instrument]) -> Work | None:
    first = group.legs[0]
    if not first.is_tried:
        return Work(0, first.amount, is_rescue=False)
    # Nothing is mixed yet when the first leg has filled in part: the others follow its size.
    goal = _whole(group, instruments, size=Fraction(first.filled) / Fraction(first.ratio))
    for number, (leg, wanted) in enumerate(zip(group.legs, goal, strict=True)):
        if wanted > 0 and not leg.is_tried:
            return Work(number, wanted, is_rescue=False)
    if group.rescues >= RESCUES_MAX:
        return None
    for number, (leg, wanted) in enumerate(zip(group.legs, goal, strict=True)):
        missing = wanted - leg.filled
        if missing >= instruments[leg.instrument].amount_min:
            return Work(number, Amount(missing), is_rescue=True)
    return None


def _settle(
    group: Group,
    seen: Seen,
    instruments: Mapping[InstrumentName, Instrument],
    *,
    has_filled: bool,
) -> Close | End | Wait:
    if not has_filled:
        # What is in doubt may still have filled: there is nothing to close until it is known.
        return Wait() if seen.is_live else End(Stage.EMPTY, "nothing has filled")
    # Strategy, delivery and venue take positions away as well: what is gone needs no counterpart.
    standing = [
        min(leg.filled - leg.closed, seen.held.get(leg.instrument, Decimal(0)))
        for leg in group.legs
    ]
    size = min(
        Fraction(amount) / Fraction(leg.ratio)
        for leg, amount in zip(group.legs, standing, strict=True)
    )
    kept = _whole(group, instruments, size=size)
    excess = tuple(
        Amount(max(amount - keep, Decimal(0))) for amount, keep in zip(standing, kept, strict=True)
    )
    if not any(excess):
        if seen.is_live:
            return Wait()
        if not any(kept):
            return End(Stage.FLATTENED, "what had filled is closed")
        is_whole = all(leg.amount == keep for leg, keep in zip(group.legs, kept, strict=True))
        return End(Stage.COMPLETE, "whole" if is_whole else "smaller than wanted")
    if group.stage is Stage.CLOSING:
        return End(Stage.HEDGED, "what is left is too small to trade, or went another way")
    return Close(excess)


def _whole(
    group: Group, instruments: Mapping[InstrumentName, Instrument], *, size: Fraction
) -> Sequence[Amount]:
    """Return the legs of the largest group of this size or less; zeros when there is none."""
    legs = [GroupLeg(instruments[leg.instrument], leg.ratio) for leg in group.legs]
    amounts = quantise_group(min(size, Fraction(group.size)), legs=legs)
    return [Amount(Decimal(0))] * len(legs) if isinstance(amounts, Refusal) else amounts
