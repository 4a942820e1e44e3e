"""What becomes of a position at expiry [C-510] (DOMAIN §3.3)."""

from decimal import Decimal
from fractions import Fraction

from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.portfolio.fee import delivery_fee
from bot.portfolio.position import Position, realise_at, with_fee

__all__ = ["deliver", "option_value"]


def option_value(instrument: Instrument, *, delivery_price: Price) -> Fraction:
    """Return the pay-out of one unit, exact: coin if inverse, USDC if linear.

    The price is above 0. Raises ValueError for an instrument that is no option.
    """
    if instrument.strike is None or instrument.option_type is None:
        raise ValueError(f"{instrument.name} is no option")
    at, strike = Fraction(delivery_price), Fraction(instrument.strike)
    pay = max(instrument.option_type.sign * (at - strike), Fraction(0))
    return pay / at if instrument.is_inverse else pay


def deliver(
    position: Position,
    instrument: Instrument,
    *,
    delivery_price: Price,
    fee_rate: Decimal | None = None,
) -> Position:
    """Return the flat position after delivery: all of it realised, the fee added.

    An option is realised at its pay-out, a future at the delivery price. `fee_rate` is the list
    rate unless given; 0 where delivery is free (daily options, daily and weekly futures). The cash
    is the difference of `position.cash_moved` after and before. A flat position stays as it is.
    Raises ValueError for a perpetual or a price of 0 or less.
    """
    if position.quantity == 0:
        return position
    if instrument.expiry_ms is None:
        raise ValueError(f"{instrument.name} does not expire")
    if not delivery_price > 0:
        raise ValueError(f"{instrument.name}: delivery price is {delivery_price}, must be above 0")
    amount = Amount(position.quantity.copy_abs())
    value = Fraction(delivery_price)
    if instrument.option_type is not None:
        value = option_value(instrument, delivery_price=delivery_price)
    fee = delivery_fee(
        instrument, amount=amount, value=value, delivery_price=delivery_price, rate=fee_rate
    )
    change = Amount(position.quantity.copy_negate())
    return with_fee(realise_at(position, change=change, price=value, of=instrument), fee)
