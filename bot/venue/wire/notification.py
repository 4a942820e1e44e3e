"""From a channel's name to the decoder of its data (PROTOCOL §7)."""

from collections.abc import Callable
from typing import Final

import msgspec

from bot.domain.report import Report
from bot.venue.undecodable import UndecodableError, reading
from bot.venue.wire.account import WirePosition, decode_account, position_of
from bot.venue.wire.book import decode_book_event, decode_grouped_book
from bot.venue.wire.instrument import decode_instrument_state
from bot.venue.wire.order import WireOrder, decode_order_event, order_of
from bot.venue.wire.platform import decode_index_price, decode_platform_state
from bot.venue.wire.ticker import decode_ticker
from bot.venue.wire.trade import WireFill, decode_fills, decode_public_trades, fills_of

__all__ = ["decode_notification"]

_GROUPED_PARTS: Final = 5  # book.{instrument}.{group}.{depth}.{interval}


class _WireChanges(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[WireOrder, ...]
    trades: tuple[WireFill, ...]
    positions: tuple[WirePosition, ...]  # the venue's schema says `position`, its wire this


_CHANGES: Final = msgspec.json.Decoder(_WireChanges)

Decoder = Callable[[msgspec.Raw], tuple[Report, ...]]


def decode_notification(channel: str, *, data: msgspec.Raw) -> tuple[Report, ...]:
    """Decode a notification's data to everything that it reports, in the venue's order.

    Raises UndecodableError also for a channel without a decoder: nobody here asks for one.
    """
    decoder = _decoder_of(channel)
    if decoder is None:
        raise UndecodableError(what=channel, why="no decoder for this channel")
    return decoder(data)


def _decoder_of(channel: str) -> Decoder | None:
    parts = channel.split(".")
    if parts[0] == "book" and len(parts) == _GROUPED_PARTS:
        return lambda data: (decode_grouped_book(data),)
    return _DECODERS.get(channel) or _DECODERS.get(".".join(parts[:2])) or _DECODERS.get(parts[0])


def _changes(data: msgspec.Raw) -> tuple[Report, ...]:
    with reading("user changes"):
        wire = _CHANGES.decode(data)
        orders = tuple(order_of(order) for order in wire.orders)
        positions = tuple(position_of(position) for position in wire.positions)
        return (*orders, *fills_of(wire.trades), *positions)


_DECODERS: Final[dict[str, Decoder]] = {
    "book": lambda data: (decode_book_event(data),),
    "ticker": lambda data: (decode_ticker(data),),
    "trades": decode_public_trades,
    "deribit_price_index": lambda data: (decode_index_price(data),),
    "instrument.state": lambda data: (decode_instrument_state(data),),
    "platform_state": lambda data: (decode_platform_state(data),),
    "user.orders": decode_order_event,
    "user.trades": decode_fills,
    "user.changes": _changes,
    "user.portfolio": lambda data: (decode_account(data),),
}
