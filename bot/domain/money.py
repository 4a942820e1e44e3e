"""Exact money: the number types that prices, amounts and cash are made of.

Every value is a finite `Decimal` taken from text or whole numbers [C-104]. The types differ for the
checker only, so that an amount in USD cannot be handed over where a coin is meant.
"""

from decimal import Context, Decimal, InvalidOperation
from typing import Final, NewType

__all__ = [
    "EXACT",
    "Amount",
    "Coin",
    "Contracts",
    "NotMoneyError",
    "Price",
    "Usd",
    "exact",
    "plain",
]

Price = NewType("Price", Decimal)  # in the instrument's quote unit
Amount = NewType(
    "Amount", Decimal
)  # in the instrument's amount unit: USD for inverse futures, else coin
Contracts = NewType("Contracts", Decimal)  # amount / contract_size
Coin = NewType("Coin", Decimal)  # cash of a settlement currency
Usd = NewType("Usd", Decimal)  # display and limits only, never booked

EXACT: Final = Context(prec=60)  # folding never rounds below this; shown values are rounded once

_DIGITS_MAX: Final = 40
_EXPONENT_MAX: Final = 30


class NotMoneyError(ValueError):
    """A value that cannot be money: not a number, not finite, or of an absurd size."""


def exact(value: str | int | Decimal) -> Decimal:
    """Take a number exactly as it is written.

    Raises NotMoneyError for NaN, infinity, text that is no number, more than 40 digits, or an
    exponent beyond ±30: such a value is a fault of its source, and no price or size.
    """
    if isinstance(value, bool | float):
        raise NotMoneyError(f"a {type(value).__name__} is never money")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise NotMoneyError(f"{value!r} is not a number") from None
    if not number.is_finite():
        raise NotMoneyError(f"{value!r} is not finite")
    _, digits, exponent = number.as_tuple()
    if len(digits) > _DIGITS_MAX or not isinstance(exponent, int) or abs(exponent) > _EXPONENT_MAX:
        raise NotMoneyError(f"{value!r} has too many digits")
    return number


def plain(number: Decimal) -> str:
    """Write a number in its one canonical form: no exponent, no trailing zeros, zero as "0".

    Equal numbers give equal text, whatever their exponents: the form that hashes stand on [C-102].
    """
    if not number.is_finite():
        raise NotMoneyError(f"{number!r} is not finite")
    if number == 0:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
