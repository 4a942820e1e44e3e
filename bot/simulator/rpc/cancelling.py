"""Cancel one, or many (PROTOCOL §10)."""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from bot.domain.ids import InstrumentName, OrderId
from bot.simulator.exchange.cancelling import cancel, cancel_many
from bot.simulator.exchange.order import CANCEL_BY_USER, Order
from bot.simulator.limits import Bucket
from bot.simulator.refusal import Refused, bad_param, refuse
from bot.simulator.rpc.method import Call, Method
from bot.simulator.scope import Level
from bot.simulator.show.instrument import wire_kind
from bot.simulator.show.order import show_order

__all__ = ["METHODS"]

_WRITE: Final = ("trade", Level.READ_WRITE)

TypeFilter = Literal["all", "limit", "trigger_all", "stop", "take", "trailing_stop"]


class OfOrder(msgspec.Struct):
    """One order."""

    order_id: OrderId


class CancelAll(msgspec.Struct):
    """Which of the open orders; `type` other than all and limit matches none that we keep."""

    currency: str | list[str] | None = None
    instrument_name: InstrumentName | None = None
    kind: str = "any"
    type: TypeFilter = "all"
    label: str | None = None
    detailed: bool = False


def _cancel(call: Call, asked: OfOrder) -> object | Refused:
    order = call.venue.order(asked.order_id)
    if order is None or order.account != call.account:
        return refuse(10004)
    if not order.is_open:
        return refuse(11044)
    result = cancel(call.venue, order)
    return result if isinstance(result, Refused) else show_order(call.venue, result)


def _cancel_all(call: Call, asked: CancelAll) -> object:
    return _cancel_where(call, asked, also=lambda _order: True)


def _cancel_by_currency(call: Call, asked: CancelAll) -> object | Refused:
    if asked.currency is None:
        return bad_param("currency", reason="value required")
    return _cancel_where(call, asked, also=lambda _order: True)


def _cancel_by_instrument(call: Call, asked: CancelAll) -> object | Refused:
    if asked.instrument_name is None:
        return bad_param("instrument_name", reason="value required")
    return _cancel_where(call, asked, also=lambda _order: True)


def _cancel_by_label(call: Call, asked: CancelAll) -> object | Refused:
    if asked.label is None:
        return bad_param("label", reason="value required")
    return _cancel_where(call, asked, also=lambda order: order.label == asked.label)


def _cancel_where(call: Call, asked: CancelAll, *, also: Callable[[Order], bool]) -> object:
    currencies = [asked.currency] if isinstance(asked.currency, str) else asked.currency

    def is_asked(order: Order) -> bool:
        instrument = call.venue.books[order.instrument].instrument
        return (
            also(order)
            and asked.type in ("all", "limit")
            and asked.instrument_name in (None, order.instrument)
            and asked.kind in ("any", wire_kind(instrument.kind))
            and (currencies is None or "any" in currencies or instrument.currency in currencies)
        )

    gone = cancel_many(call.venue, call.account, which=is_asked, reason=CANCEL_BY_USER)
    if asked.detailed:
        return [{"order": show_order(call.venue, order)} for order in gone]
    return len(gone)


def _bucket_of_cancel(asked: CancelAll) -> Bucket:
    """Without a currency it fans out over all of them, and counts as a cancel of all."""
    return Bucket.CANCEL_ALL if asked.currency is None else Bucket.TRADING


METHODS: Final = (
    Method(name="private/cancel", params=OfOrder, act=_cancel, need=_WRITE, bucket=Bucket.TRADING),
    Method(
        name="private/cancel_all",
        params=CancelAll,
        act=_cancel_all,
        need=_WRITE,
        bucket=Bucket.CANCEL_ALL,
    ),
    Method(
        name="private/cancel_all_by_currency",
        params=CancelAll,
        act=_cancel_by_currency,
        need=_WRITE,
        bucket=Bucket.TRADING,
    ),
    Method(
        name="private/cancel_all_by_kind_or_type",
        params=CancelAll,
        act=_cancel_by_currency,
        need=_WRITE,
        bucket=_bucket_of_cancel,
    ),
    Method(
        name="private/cancel_all_by_instrument",
        params=CancelAll,
        act=_cancel_by_instrument,
        need=_WRITE,
        bucket=Bucket.TRADING,
    ),
    Method(
        name="private/cancel_by_label",
        params=CancelAll,
        act=_cancel_by_label,
        need=_WRITE,
        bucket=_bucket_of_cancel,
    ),
)
