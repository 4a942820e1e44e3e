"""Exact rationals as text: what a quotient is kept in, so that no fold ever rounds [C-104]."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final, NewType

from bot.domain.money import NotMoneyError

__all__ = ["ZERO", "Ratio", "ratio_of", "ratio_text", "rounded_up", "shown"]

Ratio = NewType("Ratio", str)  # "numerator/denominator" in lowest terms: equal values, equal text

ZERO: Final = Ratio("0/1")

# The sums of a long account have more digits than its money; beyond this a figure is a fault.
_TEXT_MAX: Final = 4_000
_WIDE: Final = Context(prec=60)


def ratio_text(value: Fraction) -> Ratio:
    """Write a rational in its one form, e.g. `1/30` or `-5/1`."""
    return Ratio(f"{value.numerator}/{value.denominator}")


def ratio_of(text: Ratio) -> Fraction:
    """Read what `ratio_text` wrote.

    Raises NotMoneyError for any other spelling, also one of the same value: two spellings of one
    state would give two hashes.
    """
    top, slash, bottom = text.partition("/")
    if slash and len(text) <= _TEXT_MAX and bottom.isascii() and bottom.isdecimal():
        try:
            value = Fraction(int(top), int(bottom))
        except (ValueError, ZeroDivisionError):
            raise NotMoneyError(f"{text!r} is not an exact ratio") from None
        if ratio_text(value) == text:
            return value
    raise NotMoneyError(f"{text[:80]!r} is not an exact ratio in lowest terms")


def shown(value: Fraction, *, places: int = 8) -> Decimal:
    """Round once, half to even, to be shown or compared (DOMAIN §3.1)."""
    return _at_places(value, places=places, rounding=ROUND_HALF_EVEN)


def rounded_up(value: Fraction, *, places: int = 8) -> Decimal:
    """Round toward plus infinity: what we pay goes up, what we are given goes down."""
    return _at_places(value, places=places, rounding=ROUND_CEILING)


def _at_places(value: Fraction, *, places: int, rounding: str) -> Decimal:
    scaled = value * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest
    up = {
        ROUND_CEILING: rest > 0,
        ROUND_FLOOR: False,
        ROUND_HALF_EVEN: twice > scaled.denominator
        or (twice == scaled.denominator and whole % 2 == 1),
    }[rounding]
    return _WIDE.scaleb(Decimal(whole + up), -places)
