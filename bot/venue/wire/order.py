"""The order object and the replies that carry one (PROTOCOL §8, §9)."""

from decimal import Decimal
from typing import Final, Literal

import msgspec

from bot.domain.ids import InstrumentName, Label, OrderId
from bot.domain.money import Amount, Price, exact
from bot.domain.order import OrderState, TimeInForce
from bot.domain.report import Fill, OrderReport
from bot.domain.side import Side
from bot.venue.undecodable import reading
from bot.venue.wire.number import quoted, whole
from bot.venue.wire.trade import WireFill, fills_of

__all__ = [
    "OrderAnswer",
    "WireOrder",
    "decode_order",
    "decode_order_answer",
    "decode_order_event",
    "decode_orders",
    "order_of",
]

# In a union with None the decoder would take only null.
_ABSENT: Final = msgspec.Raw()
_MARKET_PRICE: Final = b'"market_price"'
_STATES: Final = {
    state.value: state for state in OrderState if state is not OrderState.UNKNOWN
}  # "triggered" and words to come are UNKNOWN
_LIVES: Final = {word.value: word for word in TimeInForce}


class WireOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as every path sends it; orders placed by hand included."""

    order_id: str
    order_state: str
    order_type: str
    instrument_name: str
    direction: Literal["buy", "sell"]
    amount: Decimal
    creation_timestamp: Decimal
    last_update_timestamp: Decimal
    price: msgspec.Raw = _ABSENT  # a number, "market_price", null or not there
    filled_amount: Decimal | None = None
    average_price: Decimal | None = None
    label: str | None = None
    time_in_force: str | None = None
    post_only: bool = False
    reduce_only: bool = False  # absent for spot
    cancel_reason: str | None = None


class OrderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The result of buy, sell and edit. It does not mean "live": read the state."""

    order: OrderReport
    fills: tuple[Fill, ...]


class _WireAnswer(msgspec.Struct, frozen=True, kw_only=True):
    order: WireOrder
    trades: tuple[WireFill, ...]


_ORDER: Final = msgspec.json.Decoder(WireOrder)
_ORDERS: Final = msgspec.json.Decoder(tuple[WireOrder, ...])
_ANSWER: Final = msgspec.json.Decoder(_WireAnswer)


def decode_order(raw: bytes | msgspec.Raw) -> OrderReport:
    """Decode one order: `private/get_order_state`, `private/cancel`. Raises UndecodableError."""
    with reading("order"):
        return order_of(_ORDER.decode(raw))


def decode_orders(raw: bytes | msgspec.Raw) -> tuple[OrderReport, ...]:
    """Decode a list of orders: open orders, history, by label. Raises UndecodableError."""
    with reading("orders"):
        return tuple(order_of(wire) for wire in _ORDERS.decode(raw))


def decode_order_event(raw: bytes | msgspec.Raw) -> tuple[OrderReport, ...]:
    """Decode `user.orders.*`: one order in raw, a list at the other intervals."""
    if bytes(raw).lstrip()[:1] == b"[":
        return decode_orders(raw)
    return (decode_order(raw),)


def decode_order_answer(raw: bytes | msgspec.Raw) -> OrderAnswer:
    """Decode the result of buy, sell and edit. Raises UndecodableError, which is never a reject."""
    with reading("order answer"):
        wire = _ANSWER.decode(raw)
        return OrderAnswer(order=order_of(wire.order), fills=fills_of(wire.trades))


def order_of(wire: WireOrder) -> OrderReport:
    """Translate. Raises ValueError for a limit order without price or filled amount."""
    amount = exact(wire.amount)
    filled = _filled(wire)
    if not 0 <= filled <= amount:
        raise ValueError(f"order {wire.order_id}: filled {filled} of {amount}")
    return OrderReport(
        order_id=OrderId(wire.order_id),
        label=Label(wire.label) if wire.label else None,
        instrument=InstrumentName(wire.instrument_name),
        side=Side(wire.direction),
        state=_STATES.get(wire.order_state, OrderState.UNKNOWN),
        price=_price(wire),
        amount=Amount(amount),
        filled=filled,
        average=quoted(wire.average_price),
        time_in_force=_LIVES.get(wire.time_in_force or ""),
        post_only=wire.post_only,
        reduce_only=wire.reduce_only,
        created_ms=whole(wire.creation_timestamp),
        updated_ms=whole(wire.last_update_timestamp),
        cancel_reason=wire.cancel_reason,
    )


def _price(wire: WireOrder) -> Price | None:
    raw = bytes(wire.price) or b"null"
    if raw == _MARKET_PRICE:
        return None
    if raw == b"null":
        if wire.order_type == "limit":
            raise ValueError(f"limit order {wire.order_id} without a price")
        return None
    return Price(exact(msgspec.json.decode(raw, type=Decimal)))


def _filled(wire: WireOrder) -> Amount:
    if wire.filled_amount is not None:
        return Amount(exact(wire.filled_amount))
    # Trigger orders leave it out while dormant; of any other order its absence says nothing.
    if wire.order_type == "limit":
        raise ValueError(f"limit order {wire.order_id} without filled_amount")
    return Amount(Decimal(0))
