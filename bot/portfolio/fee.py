"""What a fill or a delivery should cost (DOMAIN §3.4).

The fee that a fill reports is the truth and is booked as it is. This model is for decisions, and
for noticing that the venue's schedule is not what we think.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount, Coin, Price
from bot.domain.order import Liquidity
from bot.domain.ratio import rounded_up
from bot.domain.report import Fill

__all__ = [
    "FUTURE_DELIVERY_RATE",
    "OPTION_DELIVERY_RATE",
    "delivery_fee",
    "expected_fee",
    "is_fee_as_expected",
]

# List rates [venue]. Daily options and daily and weekly futures deliver free: the caller says so.
OPTION_DELIVERY_RATE: Final = Decimal("0.00015")
FUTURE_DELIVERY_RATE: Final = Decimal("0.00025")

_OPTION_CAP: Final = Fraction(1, 8)  # of the option's price or value; bites below rate/0.125
# Recorded fees: 6.0e-8 (exact 5.4525e-8) and 5.0e-8 (exact 5.4326e-8). No rounding explains both.
_TOLERANCE: Final = Decimal("1e-8")


def expected_fee(
    instrument: Instrument,
    *,
    amount: Amount,
    price: Price,
    liquidity: Liquidity,
    index: Price | None = None,
) -> Coin:
    """Return the fee of a fill in settlement currency, positive = paid, negative = rebate.

    Exact, then to 1e-8 toward plus infinity. `index` (USD per coin) is needed for linear options
    only; raises ValueError when it is missing there. Not for liquidations, whose rate is the
    venue's own, nor for legs of a combo, of which the cheaper is free.
    """
    rate = instrument.maker_rate if liquidity is Liquidity.MAKER else instrument.taker_rate
    if instrument.kind is Kind.OPTION:
        return _option_fee(instrument, amount=amount, value=Fraction(price), rate=rate, index=index)
    return _future_fee(instrument, amount=amount, price=price, rate=rate)


def delivery_fee(
    instrument: Instrument,
    *,
    amount: Amount,
    value: Fraction,
    delivery_price: Price,
    rate: Decimal | None = None,
) -> Coin:
    """Return the fee of delivering an unsigned amount, in settlement currency.

    `value` is an option's pay-out per unit, exact. `rate` is the list rate unless given; 0 where
    delivery is free.
    """
    if instrument.kind is Kind.OPTION:
        rate = OPTION_DELIVERY_RATE if rate is None else rate
        return _option_fee(instrument, amount=amount, value=value, rate=rate, index=delivery_price)
    rate = FUTURE_DELIVERY_RATE if rate is None else rate
    return _future_fee(instrument, amount=amount, price=delivery_price, rate=rate)


def is_fee_as_expected(fill: Fill, instrument: Instrument) -> bool:
    """Say whether a fill's fee is the model's, to 1e-8: a larger difference stops opens."""
    expected = expected_fee(
        instrument,
        amount=fill.amount,
        price=fill.price,
        liquidity=fill.liquidity,
        index=fill.index,
    )
    return abs(fill.fee - expected) <= _TOLERANCE


def _option_fee(
    instrument: Instrument, *, amount: Amount, value: Fraction, rate: Decimal, index: Price | None
) -> Coin:
    per_unit = Fraction(rate)
    if not instrument.is_inverse:
        if index is None:
            raise ValueError(f"{instrument.name}: the fee of a linear option needs the index")
        per_unit *= Fraction(index)
    return Coin(rounded_up(min(per_unit, _OPTION_CAP * value) * Fraction(amount)))


def _future_fee(instrument: Instrument, *, amount: Amount, price: Price, rate: Decimal) -> Coin:
    size, paid = Fraction(amount), Fraction(price)
    return Coin(
        rounded_up((size / paid if instrument.is_inverse else size * paid) * Fraction(rate))
    )
