"""One instrument's position, folded from fills without ever rounding (DOMAIN §3.2).

Accounting is average cost. The value of a lot of x at price p is x/p coin for inverse futures and
x·p for everything else; cost is the signed sum of those values over what is still held.
"""

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import Final

import msgspec

from bot.domain.instrument import Instrument, Kind
from bot.domain.money import Amount, Coin, plain
from bot.domain.ratio import ZERO, Ratio, ratio_of, ratio_text
from bot.domain.report import Fill
from bot.domain.side import Side

__all__ = [
    "FLAT",
    "Position",
    "WrongFillError",
    "average",
    "book",
    "cash_moved",
    "fold",
    "lot_value",
    "realise_at",
    "unrealised",
    "with_fee",
]

# Money has at most 40 digits between 1e-30 and 1e70, so that a sum of up to 1e60 of them fits.
_SUM: Final = Context(prec=160, traps=[Inexact])
_PLACES: Final = 60  # of a cost or gain, decimal
_SCALE: Final = 10**_PLACES


class WrongFillError(ValueError):
    """A fill that cannot belong to this position. Its facts are in the message."""


class Position(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is held of one instrument and what it has earned.

    `quantity` is signed, in the amount unit. `cost` and `realised` are exact, in the settlement
    currency; realised is before fees. `fees` are as the venue reported them, positive = paid.
    """

    quantity: Amount = Amount(Decimal(0))
    cost: Ratio = ZERO
    realised: Ratio = ZERO
    fees: Coin = Coin(Decimal(0))

    def __post_init__(self) -> None:
        """Refuse text that is no ratio, and cost without a quantity: both mean a broken record."""
        cost = ratio_of(self.cost)
        ratio_of(self.realised)
        if not (self.quantity.is_finite() and self.fees.is_finite()):
            raise ValueError("a position's quantity and fees must be finite")
        if cost != 0 and (self.quantity == 0 or (self.quantity > 0) != (cost > 0)):
            raise ValueError(f"cost {self.cost} does not belong to quantity {self.quantity}")


FLAT: Final = Position()


def book(position: Position, fill: Fill, instrument: Instrument) -> Position:
    """Book one fill; a flip closes the old size and opens the rest at the fill's price.

    The caller books each trade id once [C-209]; `fold` does it for a whole list.
    Raises WrongFillError for a fill of another instrument, a fee in another currency, an amount of
    0 or less, or a price that the instrument cannot have.
    """
    _check(fill, instrument)
    # copy_… keeps every digit; the operators - and abs would round to the ambient precision.
    change = fill.amount if fill.side is Side.BUY else Amount(fill.amount.copy_negate())
    moved = realise_at(position, change=change, price=fill.price, of=instrument)
    return with_fee(moved, fill.fee)


def fold(fills: Iterable[Fill], instrument: Instrument) -> Position:
    """Book a list of fills, each trade id once, in the order given."""
    position, seen = FLAT, set()
    for fill in fills:
        if fill.trade_id not in seen:
            seen.add(fill.trade_id)
            position = book(position, fill, instrument)
    return position


def with_fee(position: Position, fee: Coin) -> Position:
    """Add a fee in settlement currency, positive = paid."""
    return msgspec.structs.replace(position, fees=Coin(_sum(position.fees, fee)))


def realise_at(
    position: Position, *, change: Amount, price: Decimal | Fraction, of: Instrument
) -> Position:
    """Change a position by a signed amount at a price: steps 2 and 3 of the fold, without a fee."""
    quantity, step = position.quantity, change
    cost, realised = ratio_of(position.cost), ratio_of(position.realised)
    if quantity != 0 and step != 0 and (quantity > 0) != (step > 0):
        closed = min(step.copy_abs(), quantity.copy_abs()).copy_sign(quantity)
        part = cost * Fraction(closed) / Fraction(quantity)
        realised += _gain(part, lot_value(closed, price=price, of=of), of)
        cost -= part
        quantity, step = Amount(_sum(quantity, closed.copy_negate())), Amount(_sum(step, closed))
    return Position(
        quantity=Amount(_sum(quantity, step)),
        cost=ratio_text(_bounded(cost + lot_value(step, price=price, of=of))),
        realised=ratio_text(_bounded(realised)),
        fees=position.fees,
    )


def _bounded(value: Fraction) -> Fraction:
    """Keep a sum of many quotients from growing without end.

    Every price of an inverse future brings a denominator of its own, so that an exact sum gains
    digits with each trade for ever. Beyond _PLACES decimal places it is rounded half to even: far
    below what any number of trades could carry into the eighth place that is shown (DOMAIN §3.1).
    """
    if value.denominator <= _SCALE:
        return value
    return Fraction(round(value * _SCALE), _SCALE)


def average(position: Position, instrument: Instrument) -> Fraction | None:
    """Return the average entry price, exact; None when flat. Show it through `ratio.shown`."""
    if position.quantity == 0:
        return None
    quantity, cost = Fraction(position.quantity), ratio_of(position.cost)
    if _is_quoted_inversely(instrument):
        return quantity / cost
    return cost / quantity


def unrealised(position: Position, *, mark: Decimal, instrument: Instrument) -> Fraction:
    """Return what closing at this mark would add to realised, exact, in settlement currency."""
    if position.quantity == 0:
        return Fraction(0)
    value = lot_value(position.quantity, price=mark, of=instrument)
    return _gain(ratio_of(position.cost), value, instrument)


def cash_moved(position: Position, instrument: Instrument) -> Fraction:
    """Return the cash that this position's fills have moved, exact, fees included.

    Premium moves at the trade; a future's profit counts as cash although it waits in the unsettled
    account until 08:00 UTC (DOMAIN §3.3).
    """
    cash = ratio_of(position.realised) - Fraction(position.fees)
    return cash - ratio_of(position.cost) if instrument.kind is Kind.OPTION else cash


def lot_value(amount: Decimal, *, price: Decimal | Fraction, of: Instrument) -> Fraction:
    """Return the value of a signed amount at a price, exact, in settlement currency."""
    if amount == 0:
        return Fraction(0)
    if _is_quoted_inversely(of):
        return Fraction(amount) / Fraction(price)
    return Fraction(amount) * Fraction(price)


def _gain(cost: Fraction, exit_value: Fraction, instrument: Instrument) -> Fraction:
    # An inverse future is a debt in USD: fewer coins to close it is the gain.
    return cost - exit_value if _is_quoted_inversely(instrument) else exit_value - cost


def _is_quoted_inversely(instrument: Instrument) -> bool:
    return instrument.is_inverse and instrument.kind is not Kind.OPTION


def _sum(one: Decimal, other: Decimal) -> Decimal:
    # The canonical form, so that equal sums have equal bytes whatever was added in which order.
    return Decimal(plain(_SUM.add(one, other)))


def _check(fill: Fill, instrument: Instrument) -> None:
    if fill.instrument != instrument.name:
        raise WrongFillError(f"a fill of {fill.instrument} is not of {instrument.name}")
    if fill.fee_currency != instrument.currency:
        raise WrongFillError(
            f"{fill.instrument} settles in {instrument.currency}, the fee is in {fill.fee_currency}"
        )
    if not (fill.amount.is_finite() and fill.amount > 0):
        raise WrongFillError(f"trade {fill.trade_id}: amount is {fill.amount}, must be above 0")
    can_be_zero = not _is_quoted_inversely(instrument)
    if not (fill.price.is_finite() and (fill.price > 0 or (can_be_zero and fill.price == 0))):
        raise WrongFillError(f"trade {fill.trade_id}: price is {fill.price}, must be above 0")
