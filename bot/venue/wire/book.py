"""Order books: `public/get_order_book` and the channels `book.*` (PROTOCOL §6.1, §7.1)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, Price, exact
from bot.domain.report import BookChange, BookSnapshot, Level, LevelChange, Ticker
from bot.venue.undecodable import reading
from bot.venue.wire.number import whole
from bot.venue.wire.ticker import WireTicker, ticker_of

__all__ = ["OrderBook", "decode_book_event", "decode_grouped_book", "decode_order_book"]

_LEVELS_MAX: Final = 10_000  # the deepest book that the venue offers

Row = tuple[Decimal, Decimal]
ActionRow = tuple[Literal["new", "change", "delete"], Decimal, Decimal]


class OrderBook(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `public/get_order_book`: a book and the ticker of the same moment."""

    book: BookSnapshot
    ticker: Ticker


class _WireOrderBook(WireTicker, frozen=True, kw_only=True):
    change_id: Decimal
    bids: tuple[Row, ...]
    asks: tuple[Row, ...]


class _WireGroupedBook(msgspec.Struct, frozen=True, kw_only=True):
    instrument_name: str
    timestamp: Decimal
    change_id: Decimal
    bids: tuple[Row, ...]
    asks: tuple[Row, ...]


class _WireBookEvent(msgspec.Struct, frozen=True, kw_only=True):
    type: Literal["snapshot", "change"]
    instrument_name: str
    timestamp: Decimal
    change_id: Decimal
    bids: tuple[ActionRow, ...]
    asks: tuple[ActionRow, ...]
    prev_change_id: Decimal | None = None


_ORDER_BOOK: Final = msgspec.json.Decoder(_WireOrderBook)
_GROUPED: Final = msgspec.json.Decoder(_WireGroupedBook)
_EVENT: Final = msgspec.json.Decoder(_WireBookEvent)


def decode_order_book(raw: bytes | msgspec.Raw) -> OrderBook:
    """Decode a whole order book with its ticker. Raises UndecodableError."""
    with reading("order book"):
        wire = _ORDER_BOOK.decode(raw)
        return OrderBook(
            book=_snapshot(wire, bids=wire.bids, asks=wire.asks), ticker=ticker_of(wire)
        )


def decode_grouped_book(raw: bytes | msgspec.Raw) -> BookSnapshot:
    """Decode `book.{instrument}.{group}.{depth}.{interval}`: a snapshot each time."""
    with reading("grouped book"):
        wire = _GROUPED.decode(raw)
        return _snapshot(wire, bids=wire.bids, asks=wire.asks)


def decode_book_event(raw: bytes | msgspec.Raw) -> BookSnapshot | BookChange:
    """Decode `book.{instrument}.{interval}`: a snapshot first, then changes in their order.

    Raises UndecodableError; the book is then stale and must be asked for anew.
    """
    with reading("book"):
        wire = _EVENT.decode(raw)
        if wire.type == "snapshot":
            return _snapshot(wire, bids=_all_new(wire.bids), asks=_all_new(wire.asks))
        if wire.prev_change_id is None:
            raise ValueError("a change without prev_change_id cannot be placed")
        return BookChange(
            instrument=InstrumentName(wire.instrument_name),
            at_ms=whole(wire.timestamp),
            prev_change_id=whole(wire.prev_change_id),
            change_id=whole(wire.change_id),
            bids=_changes(wire.bids),
            asks=_changes(wire.asks),
        )


def _snapshot(
    wire: _WireOrderBook | _WireGroupedBook | _WireBookEvent,
    *,
    bids: Sequence[Row],
    asks: Sequence[Row],
) -> BookSnapshot:
    return BookSnapshot(
        instrument=InstrumentName(wire.instrument_name),
        at_ms=whole(wire.timestamp),
        change_id=whole(wire.change_id),
        # The venue does not promise an order within a message.
        bids=_levels(bids, is_best_highest=True),
        asks=_levels(asks, is_best_highest=False),
    )


def _all_new(rows: Sequence[ActionRow]) -> tuple[Row, ...]:
    for action, price, _ in rows:
        if action != "new":
            raise ValueError(f"the snapshot says {action} at {price}")
    return tuple((price, amount) for _, price, amount in rows)


def _levels(rows: Sequence[Row], *, is_best_highest: bool) -> tuple[Level, ...]:
    if len(rows) > _LEVELS_MAX:
        raise ValueError(f"{len(rows)} levels on one side")
    levels = tuple(Level(price=Price(exact(p)), amount=_standing(a, price=p)) for p, a in rows)
    return tuple(sorted(levels, key=lambda level: level.price, reverse=is_best_highest))


def _standing(amount: Decimal, *, price: Decimal) -> Amount:
    if exact(amount) <= 0:
        raise ValueError(f"the level at {price} has amount {amount}")
    return Amount(amount)


def _changes(rows: Sequence[ActionRow]) -> tuple[LevelChange, ...]:
    if len(rows) > _LEVELS_MAX:
        raise ValueError(f"{len(rows)} changes on one side")
    return tuple(
        LevelChange(
            price=Price(exact(price)),
            amount=Amount(Decimal(0)) if action == "delete" else _standing(amount, price=price),
        )
        for action, price, amount in rows
    )
