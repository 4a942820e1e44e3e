"""What a fill and a delivery cost (DOMAIN §3.4)."""

from decimal import Decimal
from fractions import Fraction
from typing import Final, assert_never

from bot.domain.instrument import Instrument, Kind
from bot.domain.order import Liquidity
from bot.simulator.number import fee_rounded

__all__ = ["delivery_fee", "fill_fee"]

_OPTION_CAP: Final = Fraction(1, 8)  # 12.5 % of the option's price or value
_OPTION_DELIVERY_RATE: Final = Fraction(15, 100_000)
_FUTURE_DELIVERY_RATE: Final = Fraction(25, 100_000)


def fill_fee(
    instrument: Instrument,
    *,
    price: Decimal,
    amount: Decimal,
    index: Decimal,
    liquidity: Liquidity,
) -> Decimal:
    """Return the fee of one fill in settlement currency, positive = paid, rounded up to 1e-8."""
    rate = Fraction(
        instrument.maker_rate if liquidity is Liquidity.MAKER else instrument.taker_rate
    )
    match instrument.kind:
        case Kind.OPTION:
            base = rate if instrument.is_inverse else rate * Fraction(index)
            return fee_rounded(min(base, _OPTION_CAP * Fraction(price)) * Fraction(amount))
        case Kind.FUTURE | Kind.PERPETUAL:
            worth = (
                Fraction(amount) / Fraction(price)
                if instrument.is_inverse
                else Fraction(amount) * Fraction(price)
            )
            return fee_rounded(worth * rate)
        case _:
            assert_never(instrument.kind)


def delivery_fee(
    instrument: Instrument, *, size: Decimal, delivery: Decimal, value: Fraction, period: str
) -> Decimal:
    """Return the fee of a delivery; `value` is what one unit of an option pays.

    Daily options and daily and weekly futures deliver free (DOMAIN §1.2).
    """
    if instrument.kind is Kind.OPTION:
        if period == "day":
            return Decimal(0)
        base = _OPTION_DELIVERY_RATE * (1 if instrument.is_inverse else Fraction(delivery))
        return fee_rounded(min(base, _OPTION_CAP * value) * abs(Fraction(size)))
    if period in ("day", "week"):
        return Decimal(0)
    worth = abs(Fraction(size)) * (
        1 / Fraction(delivery) if instrument.is_inverse else Fraction(delivery)
    )
    return fee_rounded(worth * _FUTURE_DELIVERY_RATE)
