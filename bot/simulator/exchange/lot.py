"""Size and cost of a position, and the fold that a fill makes of it (DOMAIN §3.2)."""

from decimal import Decimal
from fractions import Fraction

import msgspec

__all__ = ["FLAT", "Lot", "average", "fold", "unrealised", "value_of"]


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """Signed quantity in the amount unit, signed cost in settlement currency, both exact."""

    quantity: Decimal
    cost: Fraction


FLAT = Lot(quantity=Decimal(0), cost=Fraction(0))


def value_of(amount: Decimal, *, price: Decimal, in_usd: bool) -> Fraction:
    """Value a lot: amount/price coin when sized in USD (inverse futures), else amount·price."""
    if in_usd:
        return Fraction(amount) / Fraction(price)
    return Fraction(amount) * Fraction(price)


def fold(lot: Lot, *, signed: Decimal, price: Decimal, in_usd: bool) -> tuple[Lot, Fraction]:
    """Book one fill of a signed amount; return the new lot and what was realised by it."""
    quantity, cost, realised = lot.quantity, lot.cost, Fraction(0)
    rest = signed
    if quantity * signed < 0:
        closed = min(abs(signed), abs(quantity)).copy_sign(quantity)
        part = cost * Fraction(closed) / Fraction(quantity)
        exit_value = value_of(closed, price=price, in_usd=in_usd)
        realised = _gain(part, exit_value, in_usd=in_usd)
        cost -= part
        quantity -= closed
        rest += closed
    if rest != 0:
        quantity += rest
        cost += value_of(rest, price=price, in_usd=in_usd)
    return Lot(quantity=quantity, cost=cost), realised


def unrealised(lot: Lot, *, mark: Decimal, in_usd: bool) -> Fraction:
    """Return the gain at a mark, in settlement currency."""
    if lot.quantity == 0 or mark <= 0:
        return Fraction(0)
    return _gain(lot.cost, value_of(lot.quantity, price=mark, in_usd=in_usd), in_usd=in_usd)


def average(lot: Lot, *, in_usd: bool) -> Fraction:
    """Return the average price, harmonic for inverse futures; 0 when flat, as the venue shows."""
    if lot.quantity == 0 or lot.cost == 0:
        return Fraction(0)
    quantity = Fraction(lot.quantity)
    return quantity / lot.cost if in_usd else lot.cost / quantity


def _gain(cost: Fraction, exit_value: Fraction, *, in_usd: bool) -> Fraction:
    return cost - exit_value if in_usd else exit_value - cost
