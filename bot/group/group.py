"""A group of legs that belong together, as far as it has come [C-401] (DOMAIN §9.5, §10)."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import msgspec

from bot.domain.ids import GroupId, InstrumentName, IntentId
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.domain.side import Side

__all__ = ["Group", "Leg", "Stage", "filled_by", "is_naked"]


class Stage(Enum):
    """Where a group stands. It ends in one of the last four, and never between [C-402]."""

    WORKING = "WORKING"
    RESCUE = "RESCUE"
    CLOSING = "CLOSING"
    COMPLETE = "COMPLETE"  # whole, or smaller with its ratios exact
    EMPTY = "EMPTY"  # nothing has filled
    FLATTENED = "FLATTENED"  # what had filled is closed
    HEDGED = "HEDGED"  # what had filled could not be closed; the guard hedges its delta

    @property
    def is_over(self) -> bool:
        """True when the group will do nothing more."""
        return self in (Stage.COMPLETE, Stage.EMPTY, Stage.FLATTENED, Stage.HEDGED)


class Leg(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One leg: what is wanted of it, and what has come of it. Amounts in the instrument's unit."""

    instrument: InstrumentName
    side: Side
    ratio: Decimal  # amount per unit of the group
    amount: Amount
    price: Price  # asked for while nothing is held yet
    limit: Price  # the worst that is ever asked for
    is_tried: bool = False
    filled: Amount = Amount(Decimal(0))
    closed: Amount = Amount(Decimal(0))  # by the guard, of what had filled

    @property
    def net(self) -> Fraction:
        """Return what stands of it, in units of the group."""
        return (Fraction(self.filled) - Fraction(self.closed)) / Fraction(self.ratio)


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Legs in the order in which they are worked.

    `naked_ms` sums up, by venue times of fills, how long something short stood without its
    counterpart; `naked_since_ms` is when that began, None while nothing is naked.
    """

    group_id: GroupId
    strategy: str
    legs: tuple[Leg, ...]
    size: Amount
    attempt: int
    rest_ms: int
    begun_ms: int
    why: str
    stage: Stage = Stage.WORKING
    rescues: int = 0
    orders: Mapping[IntentId, int] = {}  # → its leg
    naked_since_ms: int | None = None
    naked_ms: int = 0
    ended_ms: int = 0
    outcome: str = ""
    instruments: Mapping[InstrumentName, Instrument]  # the definitions it was begun with
    late: Mapping[InstrumentName, Amount] = {}  # filled after its end, and not closed yet


def is_naked(legs: tuple[Leg, ...]) -> bool:
    """Say whether something short stands without as much of every other leg."""
    least = min(leg.net for leg in legs)
    return any(leg.side is Side.SELL and leg.net > least for leg in legs)


def filled_by(group: Group, leg: int, *, filled: Decimal, closed: Decimal, at_ms: int) -> Group:
    """Return the group after so much more of a leg has filled, or was closed."""
    before = group.legs[leg]
    after = msgspec.structs.replace(
        before, filled=Amount(before.filled + filled), closed=Amount(before.closed + closed)
    )
    legs = (*group.legs[:leg], after, *group.legs[leg + 1 :])
    since, naked_ms = group.naked_since_ms, group.naked_ms
    if is_naked(legs):
        since = at_ms if since is None else since
    elif since is not None:
        naked_ms += max(at_ms - since, 0)
        since = None
    return msgspec.structs.replace(group, legs=legs, naked_since_ms=since, naked_ms=naked_ms)
