"""Spreads, sizes and missing sides of option books, as recorded (DOMAIN §4.3)."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final, final

__all__ = ["BookShape", "book_shape", "is_wing"]

_DAYS: Final = (3.0, 10.0, 35.0, 100.0)
_DELTAS: Final = (0.05, 0.15, 0.35, 0.65, 0.9)

_SPREADS: Final = (  # coin, full; rows by days, columns by |Δ|
    (0.0005, 0.0005, 0.0010, 0.0010, 0.0050, 0.0125),
    (0.0005, 0.0007, 0.0010, 0.0010, 0.0058, 0.0125),
    (0.0005, 0.0010, 0.0010, 0.0015, 0.0125, 0.0125),
    (0.0010, 0.0010, 0.0015, 0.0015, 0.0125, 0.0155),
    (0.0010, 0.0015, 0.0040, 0.0060, 0.0125, 0.0290),
)
_SIZES: Final = (20.0, 12.0, 32.0, 18.0, 7.0)  # BTC, the middle of the recorded range
_SIZE_IN_THE_MONEY_SHORT: Final = 0.6  # under 3 days
_WING_LACK: Final = (0.85, 0.75, 0.50, 0.20, 0.05)  # share of books without a side, |Δ| < 0.05
_OTHER_LACK: Final = 0.03
_DEEP_LACK: Final = 0.30  # |Δ| > 0.65
_DEEP_COLUMN: Final = 4


@final
@dataclass(frozen=True, slots=True)
class BookShape:
    """How a book looks: full spread in coin, size at the touch in coin, share without a side."""

    spread: float
    size: float
    lack: float


def book_shape(*, days: float, abs_delta: float) -> BookShape:
    """Return the cell of the tables."""
    row = bisect_right(_DAYS, days)
    column = bisect_right(_DELTAS, abs_delta)
    is_deep = column >= _DEEP_COLUMN
    lack = _WING_LACK[row] if column == 0 else _DEEP_LACK if is_deep else _OTHER_LACK
    size = _SIZE_IN_THE_MONEY_SHORT if is_deep and row == 0 else _SIZES[row]
    return BookShape(_SPREADS[row][column], size, lack)


def is_wing(abs_delta: float) -> bool:
    """Say whether hardly anybody quotes or trades this."""
    return abs_delta < _DELTAS[0]
