"""What came of a write: four answers, of which only two are certain [C-205]."""

from dataclasses import dataclass

from bot.domain.report import Fill, OrderReport
from bot.venue.reply import NotSent

__all__ = ["Acked", "Ambiguous", "CancelOutcome", "Cancelled", "NotSent", "Outcome", "Rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acked:
    """The venue showed the order: read its state, it may be filled or cancelled already.

    `mismatch` names the fields in which the order differs from what was asked (§20 rows 4, 35).
    """

    order: OrderReport
    fills: tuple[Fill, ...]
    mismatch: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """A mass cancel was carried out on this many orders; 0 is a success too."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Surely without effect. `needs_lookup`: the order it was about may be gone or filled."""

    code: int
    message: str
    needs_lookup: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """It may have had effect: only the venue's books tell. Never to be sent again by itself."""

    why: str


Outcome = Acked | Rejected | Ambiguous | NotSent
CancelOutcome = Cancelled | Rejected | Ambiguous | NotSent
