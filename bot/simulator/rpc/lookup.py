"""Look orders up again (PROTOCOL §11), with the venue's forgetfulness.

The recent view holds closed orders for 30 minutes. The historical view
holds what is older: orders that filled at least in part. An unfilled order that was
closed is gone after the 30 minutes, for every call.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from bot.domain.ids import InstrumentName, OrderId
from bot.domain.instant import MINUTE_MS
from bot.simulator.exchange.order import Order
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.rpc.market import WireKind
from bot.simulator.rpc.method import Call, Method
from bot.simulator.rpc.narrowing import is_asked, is_of
from bot.simulator.scope import Level
from bot.simulator.show.order import show_log, show_order

__all__ = ["METHODS", "ORDERS_KEPT_MS"]

ORDERS_KEPT_MS: Final = 30 * MINUTE_MS
_COUNT_MAX: Final = 1_000
_READ: Final = ("trade", Level.READ)


class OpenOrders(msgspec.Struct):
    """Which open orders."""

    currency: str | None = None
    instrument_name: InstrumentName | None = None
    kind: WireKind = "any"
    type: str = "all"
    label: str | None = None


class OfOrder(msgspec.Struct):
    """One order."""

    order_id: OrderId


class OfLabel(msgspec.Struct):
    """A label within a settlement currency group."""

    currency: str
    label: str = ""


class History(msgspec.Struct):
    """Which closed orders; unfilled ones only when asked for."""

    currency: str | None = None
    instrument_name: InstrumentName | None = None
    kind: WireKind = "any"
    count: int = 20
    offset: int = 0
    include_old: bool = False
    include_unfilled: bool = False
    with_continuation: bool = False
    continuation: str | None = None
    historical: bool = False


class NoMore(msgspec.Struct):
    """Parameters of the order log."""


def _open_orders(call: Call, asked: OpenOrders) -> object:
    if asked.type not in ("all", "limit"):
        return []
    return [
        show_order(call.venue, order)
        for order in call.venue.open_orders(call.account)
        if is_asked(call, order.instrument, asked)
        and (asked.label is None or order.label == asked.label)
    ]


def _open_by_currency(call: Call, asked: OpenOrders) -> object | Refused:
    if asked.currency is None:
        return bad_param("currency", reason="value required")
    return _open_orders(call, asked)


def _open_by_instrument(call: Call, asked: OpenOrders) -> object | Refused:
    if asked.instrument_name is None:
        return bad_param("instrument_name", reason="value required")
    return _open_orders(call, asked)


def _order_state(call: Call, asked: OfOrder) -> object | Refused:
    order = call.venue.order(asked.order_id)
    if order is None or order.account != call.account or not _is_recent(call, order):
        return refuse(10004)
    return show_order(call.venue, order)


def _order_state_by_label(call: Call, asked: OfLabel) -> object:
    return [
        show_order(call.venue, order)
        for order in _orders(call)
        if order.label == asked.label
        and _is_recent(call, order)
        and is_of(call, order.instrument, currency=asked.currency, kind="any")
    ]


def _history(call: Call, asked: History) -> object | Refused:
    if asked.currency is None and asked.instrument_name is None:
        return bad_param("currency", reason="value required")
    if not 1 <= asked.count <= _COUNT_MAX:
        return bad_param("count", reason=f"value must be between 1 and {_COUNT_MAX}")
    offset = asked.offset
    if asked.continuation is not None:
        if not asked.continuation.isdigit():
            return bad_param("continuation", reason="invalid value")
        offset = int(asked.continuation)
    found = [
        order
        for order in _orders(call)
        if not order.is_open
        and is_asked(call, order.instrument, asked)
        and (order.filled > 0 or asked.include_unfilled)
        and _is_visible(call, order, asked)
    ]
    found.sort(key=lambda order: (order.updated_ms, order.rank), reverse=True)
    page = [show_order(call.venue, o) for o in found[offset : offset + asked.count]]
    if not asked.with_continuation:
        return page
    more = offset + asked.count < len(found)
    return {"orders": page, "continuation": str(offset + asked.count) if more else None}


def _history_by_instrument(call: Call, asked: History) -> object | Refused:
    if asked.instrument_name is None:
        return bad_param("instrument_name", reason="value required")
    return _history(call, asked)


def _order_log(call: Call, _asked: NoMore) -> object:
    """Return every order event of the account, in order. Not a method of the venue."""
    return [show_log(entry) for entry in call.venue.order_log if entry.account == call.account]


def _orders(call: Call) -> Iterable[Order]:
    venue = call.venue
    for order in (*venue.closed.values(), *venue.open.values()):
        if order.account == call.account:
            yield order


def _is_recent(call: Call, order: Order) -> bool:
    return order.is_open or order.updated_ms >= call.now_ms - ORDERS_KEPT_MS


def _is_visible(call: Call, order: Order, asked: History) -> bool:
    if _is_recent(call, order):
        return not asked.historical
    return (asked.historical or asked.include_old) and order.filled > 0


METHODS: Final = (
    Method(name="private/get_open_orders", params=OpenOrders, act=_open_orders, need=_READ),
    Method(
        name="private/get_open_orders_by_currency",
        params=OpenOrders,
        act=_open_by_currency,
        need=_READ,
    ),
    Method(
        name="private/get_open_orders_by_instrument",
        params=OpenOrders,
        act=_open_by_instrument,
        need=_READ,
    ),
    Method(
        name="private/get_open_orders_by_label",
        params=OpenOrders,
        act=_open_by_currency,
        need=_READ,
    ),
    Method(name="private/get_order_state", params=OfOrder, act=_order_state, need=_READ),
    Method(
        name="private/get_order_state_by_label",
        params=OfLabel,
        act=_order_state_by_label,
        need=_READ,
    ),
    Method(name="private/get_order_history_by_currency", params=History, act=_history, need=_READ),
    Method(
        name="private/get_order_history_by_instrument",
        params=History,
        act=_history_by_instrument,
        need=_READ,
    ),
    Method(name="private/sim_order_log", params=NoMore, act=_order_log, need=_READ),
)
