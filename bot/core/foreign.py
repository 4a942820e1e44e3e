"""What is kept of strangers: positions apart from ours, and what operators decided [C-509].

A part of the durable state, with its folds. What stands apart is in the account and not ours: no
exit counts on it, no strategy sees it, and it is added to ours where the venue's count is proven.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from bot.core.order import Order
from bot.core.record import OrderClassified, PositionClassified, SetApart
from bot.domain.ids import InstrumentName, OrderId, StrategyName
from bot.domain.money import Amount, Price
from bot.domain.report import Fill
from bot.domain.verdict import Verdict

__all__ = [
    "EXITS_STRANGERS",
    "Apart",
    "Decided",
    "Foreign",
    "OrderVerdict",
    "apart_of",
    "classify_order",
    "classify_position",
    "content_of",
    "exited",
    "held_to",
    "set_apart",
    "without",
]

EXITS_STRANGERS: Final = StrategyName("foreign")  # who decides on exits that operators asked for
ORDERS_MAX: Final = 256  # verdicts on orders that are kept, the newest
DECIDED_MAX: Final = 64  # acts whose repetition is known
_ZERO: Final = Amount(Decimal(0))


class Apart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed amount of one instrument that is not ours; `ignored` is what was agreed to.

    `price` is that of the last trade or the venue's average, in the quote unit; None when neither
    was told.
    """

    amount: Amount
    price: Price | None
    ignored: Amount = _ZERO


class OrderVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The decision on one order, as it was shown; one that looks otherwise is foreign again."""

    verdict: Verdict
    seen: str
    seq: int


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act of an operator, so that its repetition is known for one."""

    content: str
    seq: int


class Foreign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything of strangers that outlives a crash.

    `closing` is what of an adopted position is still to be exited, signed as the position is.
    """

    apart: Mapping[InstrumentName, Apart] = {}
    orders: Mapping[OrderId, OrderVerdict] = {}
    closing: Mapping[InstrumentName, Amount] = {}
    decided: Mapping[str, Decided] = {}  # by request id


def apart_of(foreign: Foreign, name: InstrumentName) -> Amount:
    """Return what of an instrument stands apart, signed; 0 when nothing does."""
    known = foreign.apart.get(name)
    return _ZERO if known is None else known.amount


def set_apart(foreign: Foreign, record: SetApart) -> Foreign:
    """Fold in what a stranger's trade added, or took off."""
    name = record.instrument.name
    known = foreign.apart.get(name)
    amount = Amount(apart_of(foreign, name) + record.amount)
    ignored = _ZERO if known is None else known.ignored
    return _with_apart(foreign, name, Apart(amount=amount, price=record.price, ignored=ignored))


def classify_order(foreign: Foreign, record: OrderClassified, *, seq: int) -> Foreign:
    """Fold in the decision on an order."""
    verdict = OrderVerdict(verdict=record.verdict, seen=record.seen, seq=seq)
    orders = {**foreign.orders, record.order_id: verdict}
    if len(orders) > ORDERS_MAX:
        del orders[min(orders, key=lambda key: (orders[key].seq, key))]
    foreign = msgspec.structs.replace(foreign, orders=orders)
    content = content_of(record.verdict, subject=record.order_id, seen=record.seen)
    return _decided(foreign, record.request_id, content, seq=seq)


def classify_position(foreign: Foreign, record: PositionClassified, *, seq: int) -> Foreign:
    """Fold in the decision on a position: all of it stays apart as agreed, or nothing does."""
    name = record.instrument.name
    if record.verdict is Verdict.IGNORE:
        apart = Apart(amount=record.amount, price=record.price, ignored=record.amount)
        foreign = _with_apart(foreign, name, apart)
    else:
        foreign = without(foreign, name)
    if record.verdict is Verdict.CLOSE:
        closing = {**foreign.closing, name: record.amount}
        foreign = msgspec.structs.replace(foreign, closing=closing)
    content = content_of(record.verdict, subject=name, seen=record.seen)
    return _decided(foreign, record.request_id, content, seq=seq)


def content_of(verdict: Verdict, *, subject: str, seen: str) -> str:
    """Return what makes two acts the same one."""
    return f"{verdict.value} {subject}: {seen}"


def exited(foreign: Foreign, fill: Fill, order: Order | None, *, quantity: Amount) -> Foreign:
    """Take a fill off what is still to be exited; `quantity` is what is held after it."""
    left = foreign.closing.get(fill.instrument)
    if left is None:
        return foreign
    if order is not None and order.intent.decision.strategy == EXITS_STRANGERS:
        rest = max(left.copy_abs() - fill.amount, Decimal(0)).copy_sign(left)
        foreign = _with_closing(foreign, fill.instrument, Amount(rest))
    return held_to(foreign, fill.instrument, quantity=quantity)


def held_to(foreign: Foreign, name: InstrumentName, *, quantity: Amount) -> Foreign:
    """Keep what is to be exited within what is held: whoever else has closed it closed this too."""
    left = foreign.closing.get(name)
    if left is None:
        return foreign
    room = quantity.copy_abs() if (quantity > 0) == (left > 0) else Decimal(0)
    return _with_closing(foreign, name, Amount(min(left.copy_abs(), room).copy_sign(left)))


def without(foreign: Foreign, name: InstrumentName) -> Foreign:
    """Forget what stood apart in an instrument: it is ours, or was delivered."""
    left = {key: apart for key, apart in foreign.apart.items() if key != name}
    return msgspec.structs.replace(foreign, apart=left)


def _with_apart(foreign: Foreign, name: InstrumentName, apart: Apart) -> Foreign:
    if apart.amount == 0:
        return without(foreign, name)
    return msgspec.structs.replace(foreign, apart={**foreign.apart, name: apart})


def _with_closing(foreign: Foreign, name: InstrumentName, amount: Amount) -> Foreign:
    closing = {key: left for key, left in foreign.closing.items() if key != name}
    if amount != 0:
        closing[name] = amount
    return msgspec.structs.replace(foreign, closing=closing)


def _decided(foreign: Foreign, request_id: str, content: str, *, seq: int) -> Foreign:
    decided = {**foreign.decided, request_id: Decided(content=content, seq=seq)}
    if len(decided) > DECIDED_MAX:
        del decided[min(decided, key=lambda key: (decided[key].seq, key))]
    return msgspec.structs.replace(foreign, decided=decided)
