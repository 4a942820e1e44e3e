"""Time passes: the outside market moves and meets the orders that rest here."""

from decimal import Decimal
from fractions import Fraction

from bot.domain.ids import InstrumentName
from bot.domain.instant import HOUR_MS
from bot.domain.instrument import BookState
from bot.domain.side import Side
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.expiry import (
    DELIVERY_WINDOW_MS,
    next_settlement,
    settlement_before,
)
from bot.simulator.exchange.fill import execute, fill_resting
from bot.simulator.exchange.record import Taken
from bot.simulator.exchange.reduce import shrink_reduce_only
from bot.simulator.exchange.settlement import settle
from bot.simulator.exchange.venue import Venue
from bot.simulator.feed import Feed, MarketTick, OutsideTrade, Quotes

__all__ = ["advance", "list_instruments"]


def advance(venue: Venue, feed: Feed, *, now_ms: int) -> None:
    """Go on to an exchange time: funding, 08:00 when it has come, then quotes, then trades."""
    if now_ms <= venue.advanced_ms:
        return
    before_ms, venue.advanced_ms = venue.advanced_ms or now_ms, now_ms
    venue.now_ms = max(now_ms, venue.now_ms)
    tick = feed.advance(now_ms)
    venue.indices.update(tick.indices)
    _accrue(venue, tick, span_ms=now_ms - before_ms)
    if venue.settled_ms == 0:
        venue.settled_ms = settlement_before(venue.now_ms)
    due_ms = next_settlement(venue.settled_ms)
    if venue.now_ms >= due_ms:
        # After a long stop only the last 08:00 has prices; earlier ones are settled with it.
        due_ms = settlement_before(venue.now_ms)
        settle(venue, feed, at_ms=due_ms)
        venue.settled_ms = due_ms
        list_instruments(venue, feed)
    elif venue.settling_until_ms and venue.now_ms >= venue.settling_until_ms:
        venue.settling_until_ms = 0
        for book in venue.books.values():
            if book.state is BookState.SETTLEMENT:
                venue.set_state(book, BookState.OPEN)
    if any(quotes.instrument not in venue.books for quotes in tick.quotes):
        list_instruments(venue, feed)
    for quotes in tick.quotes:
        _show(venue, quotes)
    for trade in tick.trades:
        _sweep(venue, trade)
    _estimate(venue, feed)


def list_instruments(venue: Venue, feed: Feed) -> None:
    """Open a book for every instrument that exists and has none; orders kept from before rest."""
    fresh: set[InstrumentName] = set()
    for instrument in feed.instruments(venue.now_ms):
        name = instrument.name
        if name not in venue.books and name not in venue.expired:
            book = Book(instrument=instrument)
            book.trade_seq = venue.kept_sequences.get(name, 0)
            book.settlement_price = venue.kept_settlement_prices.get(name, Decimal(0))
            venue.books[name] = book
            venue.touch(book)
            venue.changes.states.append((name, BookState.OPEN))
            fresh.add(name)
    for order in venue.open.values():
        if order.instrument in fresh:
            venue.books[order.instrument].rest(order)


def _accrue(venue: Venue, tick: MarketTick, *, span_ms: int) -> None:
    venue.funding_8h.update(tick.funding_8h)
    for name, rate in venue.funding_8h.items():
        book = venue.books.get(name)
        if book is None or rate == 0.0:
            continue
        # A unit is a USD for inverse (paid in coin: 1/index), a coin for linear (paid in USDC).
        index = Fraction(venue.index(book.instrument))
        if index <= 0:
            continue
        unit = 1 / index if book.instrument.is_inverse else index
        share = Fraction(Decimal(repr(rate))) * unit * Fraction(span_ms, 8 * HOUR_MS)
        total = venue.funding_running.get(name, Fraction(0)) + share
        # Rounded to 24 places: a sum of exact fractions would grow without end.
        venue.funding_running[name] = Fraction(round(total * 10**24), 10**24)


def _show(venue: Venue, quotes: Quotes) -> None:
    book = venue.books.get(quotes.instrument)
    if book is None:
        return
    book.show(quotes)
    _take_again(book, venue.kept_taken.pop(quotes.instrument, None))
    crossed = [_cross(venue, book, side=side) for side in Side]
    venue.touch(book)
    if any(crossed):
        shrink_reduce_only(venue, book)


def _take_again(book: Book, taken: Taken | None) -> None:
    """After a restart: what had been taken from these very quotes is not there again."""
    quotes = book.quotes
    if taken is None or quotes is None or (taken.bids, taken.asks) != (quotes.bids, quotes.asks):
        return
    for side, amounts in ((Side.BUY, taken.from_bids), (Side.SELL, taken.from_asks)):
        for price, amount in amounts.items():
            book.take_outside(side, price=price, amount=amount)


def _cross(venue: Venue, book: Book, *, side: Side) -> bool:
    """Fill the resting orders of a side that new quotes have reached, at the orders' price."""
    filled = False
    other = side.opposite
    for order in list(book.orders(side)):
        for price in sorted(book.outside[other], reverse=other is Side.BUY):
            current = venue.open.get(order.id)
            if current is None or side.sign * (current.price - price) < 0:
                break
            amount = min(current.remaining, book.outside[other][price])
            book.take_outside(other, price=price, amount=amount)
            fill_resting(venue, book, current, amount=amount)
            filled = True
    return filled


def _sweep(venue: Venue, trade: OutsideTrade) -> None:
    book = venue.books.get(trade.instrument)
    if book is None or book.state is not BookState.OPEN:
        return
    plan = book.plan(trade.side, limit=trade.price_limit, amount=trade.amount, account=None)
    execute(venue, book, taker_side=trade.side, taker=None, hits=plan.hits)
    if any(hit.maker is not None for hit in plan.hits):
        shrink_reduce_only(venue, book)


def _estimate(venue: Venue, feed: Feed) -> None:
    """Estimate the delivery: the index, and in the last half hour the mean so far with it."""
    begin_ms = next_settlement(venue.now_ms) - DELIVERY_WINDOW_MS
    into_ms = venue.now_ms - begin_ms
    for index, price in venue.indices.items():
        if into_ms <= 0:
            venue.delivery_estimates[index] = price
            continue
        mean = feed.index_mean(index, begin_ms, venue.now_ms)
        rest_ms = DELIVERY_WINDOW_MS - into_ms
        weighed = (mean * into_ms + price * rest_ms) / DELIVERY_WINDOW_MS
        venue.delivery_estimates[index] = round(weighed, 2)
