"""Rows that are only ever added: the order log and the settlement history."""

from decimal import Decimal

import msgspec

from bot.domain.ids import AccountId, Currency, InstrumentName, OrderId
from bot.domain.report import Level
from bot.simulator.exchange.order import Order

__all__ = ["LogEntry", "Settlement", "Taken", "order_event"]


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an order. The venue has no such log; proofs need one."""

    at_ms: int
    account: AccountId
    label: str
    order_id: OrderId
    instrument: InstrumentName
    side: str
    event: str  # new, fill, edit, cancel, cut
    state: str
    price: Decimal
    amount: Decimal
    filled: Decimal
    reduce_only: bool


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the settlement history: a daily settlement or a delivery."""

    at_ms: int
    account: AccountId
    kind: str  # settlement, delivery
    instrument: InstrumentName
    currency: Currency
    position: Decimal
    mark: Decimal
    index: Decimal
    profit: Decimal  # session profit and loss moved to cash, or the delivery's cash
    funding: Decimal
    fee: Decimal


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What has been taken from the quotes that stand: after a restart they are shown whole again.

    `bids` and `asks` are the quotes as the outside showed them, by which they are known again.
    """

    instrument: InstrumentName
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    from_bids: dict[Decimal, Decimal]
    from_asks: dict[Decimal, Decimal]


def order_event(order: Order, *, event: str, at_ms: int) -> LogEntry:
    """Write down what happened to an order."""
    return LogEntry(
        at_ms=at_ms,
        account=order.account,
        label=order.label,
        order_id=order.id,
        instrument=order.instrument,
        side=order.side.value,
        event=event,
        state=order.state.value,
        price=order.price,
        amount=order.amount,
        filled=order.filled,
        reduce_only=order.reduce_only,
    )
