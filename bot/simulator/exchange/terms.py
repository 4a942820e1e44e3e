"""What is asked of an order, and whether the instrument's own rules allow it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import final

from bot.domain.ids import InstrumentName
from bot.domain.instrument import BookState, Instrument, Kind
from bot.domain.side import Side
from bot.simulator.exchange.band import band
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.order import Lifetime, OrderKind
from bot.simulator.exchange.venue import Venue
from bot.simulator.refusal import Refused, bad_param, refuse

__all__ = ["Terms", "band_of", "check_amount", "check_book", "check_deadline", "check_price"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A new order as asked for. `price` None for a market order."""

    instrument: InstrumentName
    side: Side
    amount: Decimal
    price: Decimal | None
    kind: OrderKind = OrderKind.LIMIT
    label: str = ""
    lifetime: Lifetime = Lifetime.GTC
    post_only: bool = False
    reject_post_only: bool = False
    reduce_only: bool = False
    valid_until_ms: int | None = None
    connection: str = ""


def check_deadline(venue: Venue, valid_until_ms: int | None) -> Refused | None:
    """Refuse a request that came too late: the book starts it only before this (PROTOCOL §8)."""
    if valid_until_ms is not None and venue.now_ms >= valid_until_ms:
        return refuse(13888)
    return None


def check_book(book: Book, *, is_cancel: bool = False) -> Refused | None:
    """Refuse what the book's state does not allow: all when open, only cancels when locked."""
    if book.state is BookState.OPEN and (is_cancel or book.quotes is not None):
        return None
    if book.state is BookState.LOCKED and is_cancel:
        return None
    return refuse(10041 if book.state is BookState.SETTLEMENT else 10012)


def check_amount(instrument: Instrument, amount: Decimal) -> Refused | None:
    """Refuse an amount below the minimum or off the step; nothing is rounded."""
    if amount < instrument.amount_min:
        return refuse(10002)
    if amount % instrument.amount_step != 0:
        is_in_usd = instrument.is_inverse and instrument.kind is not Kind.OPTION
        return refuse(10027 if is_in_usd else 10021)
    return None


def band_of(venue: Venue, book: Book) -> tuple[Decimal, Decimal]:
    """Return the lowest and highest price of a book now."""
    greeks = book.quotes.greeks if book.quotes is not None else None
    return band(
        book.instrument,
        mark=book.mark,
        delta=greeks.delta if greeks is not None else 0.0,
        index=venue.index(book.instrument),
    )


def check_price(venue: Venue, book: Book, *, price: Decimal | None, side: Side) -> Refused | None:
    """Refuse a price that is missing, off the tick, or beyond the band toward the market.

    A buy far below the band is accepted: the venue's own recordings hold one at a third of the
    index [cap]. The venue may clamp instead of refusing; this exchange refuses (PROTOCOL §15).
    """
    if price is None:
        return bad_param("price", reason="value required")
    if price <= 0:
        return refuse(10023)
    if not book.instrument.ticks.is_legal(price):
        return refuse(10043)
    low, high = band_of(venue, book)
    if price > high and side is Side.BUY:
        return refuse(10007, suffix=str(high))
    if price < low and side is Side.SELL:
        return refuse(10005, suffix=str(low))
    return None
