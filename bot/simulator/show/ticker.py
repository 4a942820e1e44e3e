"""A book as the wire shows it: ticker, order book, summary, quote (PROTOCOL §6)."""

from decimal import Decimal
from typing import Any, Final

from bot.domain.instant import years_between
from bot.domain.instrument import Kind
from bot.domain.side import Side
from bot.pricing.implied_vol import NoVol, implied_vol
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.risk import forward_of
from bot.simulator.exchange.terms import band_of
from bot.simulator.exchange.venue import Venue
from bot.simulator.number import finite

__all__ = ["open_interest", "show_order_book", "show_quote", "show_summary", "show_ticker"]

_VOL_HOLDS_MS: Final = 10_000
_IV_NO_BID: Final = 0.0
_IV_NO_ASK: Final = 999.0  # what the venue shows when the ask says nothing [cap]


def show_ticker(venue: Venue, book: Book, *, is_rest: bool = False) -> dict[str, Any]:
    """Return the complete ticker. A missing quote is null in the stream and 0 in REST [cap]."""
    instrument = book.instrument
    low, high = band_of(venue, book)
    missing = Decimal(0) if is_rest else None
    bid_price, bid_amount = _best(book, Side.BUY, missing=missing)
    ask_price, ask_amount = _best(book, Side.SELL, missing=missing)
    index = venue.index(instrument)
    ticker: dict[str, Any] = {
        "timestamp": venue.now_ms,
        "state": book.state.value,
        "stats": _stats(book),
        "index_price": index,
        "instrument_name": instrument.name,
        "last_price": book.last_price,
        "settlement_price": book.settlement_price,
        "min_price": low,
        "max_price": high,
        "open_interest": open_interest(venue, book),
        "mark_price": book.mark,
        "estimated_delivery_price": venue.delivery_estimates.get(instrument.index, index),
        "best_bid_price": bid_price,
        "best_bid_amount": bid_amount,
        "best_ask_price": ask_price,
        "best_ask_amount": ask_amount,
    }
    if instrument.kind is Kind.OPTION:
        ticker |= _option_part(venue, book, bid=bid_price, ask=ask_price)
    if instrument.kind is Kind.PERPETUAL:
        rate = venue.funding_8h.get(instrument.name, 0.0)
        ticker |= {
            "current_funding": finite(rate, places=8),
            "funding_8h": finite(rate, places=8),
            "interest_value": finite(
                float(venue.funding_running.get(instrument.name, 0)), places=12
            ),
        }
    return ticker


def show_order_book(venue: Venue, book: Book, *, depth: int) -> dict[str, Any]:
    """Return the REST order book: the ticker with levels and the stream's change id."""
    shown = show_ticker(venue, book, is_rest=True)
    shown["bids"] = [list(level) for level in book.levels(Side.BUY)[:depth]]
    shown["asks"] = [list(level) for level in book.levels(Side.SELL)[:depth]]
    shown["change_id"] = book.change_id
    return shown


def show_summary(venue: Venue, book: Book) -> dict[str, Any]:
    """Return a row of the book summary, whose field names differ from the ticker's."""
    instrument = book.instrument
    bid, _ = _best(book, Side.BUY, missing=None)
    ask, _ = _best(book, Side.SELL, missing=None)
    stats = _stats(book)
    row: dict[str, Any] = {
        "instrument_name": instrument.name,
        "base_currency": instrument.base,
        "quote_currency": "USDC"
        if not instrument.is_inverse
        else (instrument.base if instrument.kind is Kind.OPTION else "USD"),
        "bid_price": bid,
        "ask_price": ask,
        "mid_price": (bid + ask) / 2 if bid is not None and ask is not None else None,
        "mark_price": book.mark,
        "last": book.last_price,
        "high": stats["high"],
        "low": stats["low"],
        "price_change": stats["price_change"],
        "volume": stats["volume"],
        "volume_usd": stats["volume_usd"],
        "open_interest": open_interest(venue, book),
        "creation_timestamp": venue.now_ms,
        "estimated_delivery_price": venue.delivery_estimates.get(
            instrument.index, venue.index(instrument)
        ),
    }
    quotes = book.quotes
    if instrument.kind is Kind.OPTION and quotes is not None:
        row["mark_iv"] = finite((quotes.mark_iv or 0.0) * 100, places=2)
        row["interest_rate"] = 0
        row["underlying_price"] = forward_of(venue, book)
        row["underlying_index"] = quotes.underlying_index or "index_price"
    elif instrument.kind is not Kind.OPTION:
        row["volume_notional"] = stats["volume_usd"]
    if instrument.kind is Kind.PERPETUAL:
        row["current_funding"] = row["funding_8h"] = finite(
            venue.funding_8h.get(instrument.name, 0.0), places=8
        )
    return row


def show_quote(venue: Venue, book: Book) -> dict[str, Any]:
    """Return the best bid and ask; null when missing."""
    bid_price, bid_amount = _best(book, Side.BUY, missing=None)
    ask_price, ask_amount = _best(book, Side.SELL, missing=None)
    return {
        "timestamp": venue.now_ms,
        "instrument_name": book.instrument.name,
        "best_bid_price": bid_price,
        "best_bid_amount": bid_amount,
        "best_ask_price": ask_price,
        "best_ask_amount": ask_amount,
    }


def open_interest(venue: Venue, book: Book) -> Decimal:
    """Return the accounts' own share: the outside's positions are not known."""
    name = book.instrument.name
    return sum(
        (abs(account.position(name).quantity) for account in venue.accounts.values()), Decimal(0)
    )


def _best(
    book: Book, side: Side, *, missing: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    price = book.best(side)
    if price is None:
        return missing, missing
    amount = book.outside[side].get(price, Decimal(0))
    for order in book.orders(side):
        if order.price != price:
            break
        amount += order.remaining
    return price, amount


def _stats(book: Book) -> dict[str, Any]:
    stats, last = book.stats, book.last_price
    change = None
    if stats.first and last is not None:
        change = finite(float((last - stats.first) / stats.first * 100), places=4)
    is_in_usd = book.instrument.is_inverse and book.instrument.kind is not Kind.OPTION
    return {
        "high": stats.high,
        "low": stats.low,
        "price_change": change,
        "volume": stats.volume,
        "volume_usd": stats.volume if is_in_usd else Decimal(0),
    }


def _option_part(
    venue: Venue, book: Book, *, bid: Decimal | None, ask: Decimal | None
) -> dict[str, Any]:
    quotes = book.quotes
    forward = forward_of(venue, book)
    part: dict[str, Any] = {
        "mark_iv": finite(((quotes.mark_iv if quotes else None) or 0.0) * 100, places=2),
        "bid_iv": _iv(venue, book, side=Side.BUY, price=bid, forward=forward),
        "ask_iv": _iv(venue, book, side=Side.SELL, price=ask, forward=forward),
        "underlying_price": forward,
        "underlying_index": (quotes.underlying_index if quotes else None) or "index_price",
        "interest_rate": 0.0,
    }
    greeks = quotes.greeks if quotes is not None else None
    part["greeks"] = {
        "delta": finite(greeks.delta, places=5) if greeks else 0.0,
        "gamma": finite(greeks.gamma, places=5) if greeks else 0.0,
        "vega": finite(greeks.vega, places=5) if greeks else 0.0,
        "theta": finite(greeks.theta_venue, places=5) if greeks else 0.0,
        "rho": finite(greeks.rho, places=5) if greeks else 0.0,
    }
    return part


def _iv(venue: Venue, book: Book, *, side: Side, price: Decimal | None, forward: Decimal) -> float:
    if not price or forward <= 0:
        return _IV_NO_BID
    at = (price, forward, venue.now_ms // _VOL_HOLDS_MS)
    known = book.vols.get(side)
    if known is None or known[0] != at:
        known = (at, _solve(venue, book, side=side, price=price, forward=forward))
        book.vols[side] = known
    return known[1]


def _solve(venue: Venue, book: Book, *, side: Side, price: Decimal, forward: Decimal) -> float:
    instrument = book.instrument
    if instrument.strike is None or instrument.option_type is None:
        return _IV_NO_BID
    coin = price if instrument.is_inverse else price / forward
    vol = implied_vol(
        float(coin),
        forward=float(forward),
        strike=float(instrument.strike),
        years=years_between(venue.now_ms, instrument.expiry_ms or venue.now_ms),
        kind=instrument.option_type,
    )
    if isinstance(vol, NoVol):
        return _IV_NO_BID if side is Side.BUY else _IV_NO_ASK
    return min(finite(vol * 100, places=2), _IV_NO_ASK)
