"""A position of an account: since it was opened, and since the last daily settlement."""

from decimal import Decimal
from fractions import Fraction

import msgspec

from bot.domain.ids import InstrumentName
from bot.simulator.exchange.lot import FLAT, Lot, fold, unrealised, value_of

__all__ = ["Position", "booked", "funded", "settled", "total_gain"]


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """One row of an account. A flat row stays until the settlement has paid what it realised.

    `life` carries the average price; `session` is marked anew at each settlement, so that futures
    pay from there. `realised` and `funding` in settlement currency, since the last settlement.
    `funding_mark` is the running funding per unit at which this position was last charged.
    """

    instrument: InstrumentName
    life: Lot = FLAT
    session: Lot = FLAT
    realised: Fraction = Fraction(0)
    funding: Fraction = Fraction(0)
    funding_mark: Fraction = Fraction(0)

    @property
    def quantity(self) -> Decimal:
        """Signed size in the amount unit."""
        return self.life.quantity


def booked(
    position: Position, *, signed: Decimal, price: Decimal, in_usd: bool
) -> tuple[Position, Fraction]:
    """Book one fill; return the position and the session's realised gain of this fill."""
    life, _ = fold(position.life, signed=signed, price=price, in_usd=in_usd)
    session, realised = fold(position.session, signed=signed, price=price, in_usd=in_usd)
    after = msgspec.structs.replace(
        position, life=life, session=session, realised=position.realised + realised
    )
    return after, realised


def funded(position: Position, *, running: Fraction) -> Position:
    """Charge the funding since the last charge; longs pay when the sum rose (DOMAIN §3.5)."""
    due = -Fraction(position.quantity) * (running - position.funding_mark)
    return msgspec.structs.replace(position, funding=position.funding + due, funding_mark=running)


def settled(position: Position, *, mark: Decimal, in_usd: bool) -> Position:
    """Mark the session anew at a settlement price; the caller pays `total_gain` first."""
    cost = (
        value_of(position.quantity, price=mark, in_usd=in_usd)
        if mark > 0
        else position.session.cost
    )
    return msgspec.structs.replace(
        position,
        session=Lot(quantity=position.quantity, cost=cost),
        realised=Fraction(0),
        funding=Fraction(0),
    )


def total_gain(position: Position, *, mark: Decimal, in_usd: bool) -> Fraction:
    """Return realised, funding and unrealised of the session at a mark."""
    floating = unrealised(position.session, mark=mark, in_usd=in_usd)
    return position.realised + position.funding + floating
