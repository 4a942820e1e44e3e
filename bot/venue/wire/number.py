"""Numbers at the border: finite, exact, and whole where they must be."""

import math
from decimal import Decimal
from typing import Final

from bot.domain.money import EXACT, Price, exact

__all__ = ["fraction", "quoted", "real", "whole"]

_WHOLE_MAX: Final = 1 << 63


def whole(number: Decimal) -> int:
    """Return a whole number that may be written `10.0`.

    Raises ValueError for a part after the point or a size beyond 63 bits.
    """
    value = exact(number)
    if abs(value) >= _WHOLE_MAX:
        raise ValueError(f"{number} is beyond 63 bits")
    if value != value.to_integral_value():
        raise ValueError(f"{number} is not whole")
    return int(value)


def real(number: Decimal) -> float:
    """Return a model value (a greek, a rate) as a finite float."""
    value = float(exact(number))
    if not math.isfinite(value):
        raise ValueError(f"{number} is not finite")
    return value


def fraction(percent: Decimal | None) -> float | None:
    """Turn the venue's percent into a fraction: the only place that divides by 100."""
    return None if percent is None else float(exact(percent).scaleb(-2, EXACT))


def quoted(number: Decimal | None) -> Price | None:
    """Return a price, or None where the venue has none: it writes null, 0 or nothing.

    Source: PROTOCOL §20 row 25.
    """
    if number is None or number == 0:
        return None
    return Price(exact(number))
