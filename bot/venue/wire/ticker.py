"""`public/ticker` and the channel `ticker.*` (PROTOCOL §6.2)."""

from decimal import Decimal
from typing import Final

import msgspec

from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, Price, exact
from bot.domain.report import Level, Ticker
from bot.venue.undecodable import reading
from bot.venue.wire.number import fraction, quoted, real, whole
from bot.venue.wire.state import book_state

__all__ = ["WireTicker", "decode_ticker", "ticker_of"]


class WireTicker(msgspec.Struct, frozen=True, kw_only=True):
    """The ticker fields that we use; `public/get_order_book` carries the same."""

    instrument_name: str
    timestamp: Decimal
    state: str
    mark_price: Decimal
    index_price: Decimal
    min_price: Decimal
    max_price: Decimal
    best_bid_price: Decimal | None = None
    best_bid_amount: Decimal | None = None
    best_ask_price: Decimal | None = None
    best_ask_amount: Decimal | None = None
    mark_iv: Decimal | None = None
    underlying_price: Decimal | None = None
    estimated_delivery_price: Decimal | None = None
    settlement_price: Decimal | None = None
    funding_8h: Decimal | None = None


_DECODER: Final = msgspec.json.Decoder(WireTicker)


def decode_ticker(raw: bytes | msgspec.Raw) -> Ticker:
    """Decode a ticker. Raises UndecodableError."""
    with reading("ticker"):
        return ticker_of(_DECODER.decode(raw))


def ticker_of(wire: WireTicker) -> Ticker:
    """Translate. Raises ValueError for a number that cannot be one."""
    return Ticker(
        instrument=InstrumentName(wire.instrument_name),
        at_ms=whole(wire.timestamp),
        state=book_state(wire.state),
        bid=_level(wire.best_bid_price, amount=wire.best_bid_amount),
        ask=_level(wire.best_ask_price, amount=wire.best_ask_amount),
        mark=Price(exact(wire.mark_price)),
        index=Price(exact(wire.index_price)),
        price_min=Price(exact(wire.min_price)),
        price_max=Price(exact(wire.max_price)),
        mark_iv=fraction(wire.mark_iv),
        underlying=quoted(wire.underlying_price),
        delivery_estimate=quoted(wire.estimated_delivery_price),
        settlement=_settlement(wire.settlement_price),
        funding_8h=None if wire.funding_8h is None else real(wire.funding_8h),
    )


def _level(price: Decimal | None, *, amount: Decimal | None) -> Level | None:
    best = quoted(price)
    if best is None or not amount:
        return None
    if exact(amount) < 0:
        raise ValueError(f"the best amount is {amount}")
    return Level(price=best, amount=Amount(amount))


def _settlement(price: Decimal | None) -> Price | None:
    # 0 is a true settlement here: a worthless option settles at 0.
    return None if price is None else Price(exact(price))
