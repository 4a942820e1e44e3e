"""Exact numbers of the simulator: fractions inside, decimals with a stated place count outside."""

from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Final

from bot.domain.money import EXACT

__all__ = ["CASH_PLACES", "decimal_of", "fee_rounded", "finite", "shown"]

CASH_PLACES: Final = 8  # what the venue shows of cash and prices [cap]
_FEE_UNIT: Final = Decimal("1e-8")


def shown(value: Fraction | Decimal, *, places: int = CASH_PLACES) -> Decimal:
    """Round half-even to the places that are shown (DOMAIN §3.1)."""
    return Decimal(round(Fraction(value) * 10**places)).scaleb(-places, context=EXACT)


def decimal_of(value: Fraction) -> Decimal:
    """Return the fraction as a decimal of 60 digits: for limits, never for the books."""
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def fee_rounded(fee: Fraction) -> Decimal:
    """Round a fee to 1e-8 toward +∞: a fee up, a rebate toward 0 (DOMAIN §3.4)."""
    return decimal_of(fee).quantize(_FEE_UNIT, rounding=ROUND_CEILING, context=EXACT)


def finite(value: float, *, places: int) -> float:
    """Round a model value as the venue shows it; what is no number shows as 0."""
    return round(value, places) if value == value and abs(value) < 1e300 else 0.0
