"""What became of a request that dispatch wrote, as far as the answer tells [C-205]."""

from dataclasses import dataclass

from bot.domain.report import Fill, OrderReport

__all__ = ["Acked", "Ambiguous", "Outcome", "Rejected", "Swept", "Unsent"]


@dataclass(frozen=True, slots=True)
class Acked:
    """The venue took it; `order` is what it then held, which may already be finished."""

    order: OrderReport
    fills: tuple[Fill, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A definite no. `is_fence`: refused as later than `valid_until`; `needs_lookup`: for a cancel,
    the order was not resting any more, and only a look-up tells why.
    """

    code: int
    message: str
    is_fence: bool = False
    needs_lookup: bool = False


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The first byte may have left and no definite answer came."""

    why: str


@dataclass(frozen=True, slots=True)
class Swept:
    """The venue took off `count` orders of a label. Which, and what had filled: a look-up tells."""

    count: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """Surely no byte has left."""

    why: str


Outcome = Acked | Ambiguous | Rejected | Swept | Unsent
