"""All that is known of the market now: a fold of the venue's reports, with the age of each part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.money import Price
from bot.domain.report import (
    BookChange,
    BookSnapshot,
    IndexPrice,
    InstrumentState,
    PlatformState,
    Ticker,
)
from bot.market.book import Book, fold_change, fold_snapshot

__all__ = ["Heard", "Market", "MarketReport", "fold", "forget_stream", "learn_instruments"]

_PLATFORM: Final = IndexName("")

MarketReport = BookChange | BookSnapshot | IndexPrice | InstrumentState | PlatformState | Ticker


@dataclass(frozen=True, slots=True)
class Heard:
    """A price and the venue time at which it reached us.

    `jump_ratio` is the larger step of its last two neighbours, a fraction of the earlier price.
    """

    price: Price
    at_ms: int
    step_ratio: float = 0.0
    jump_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Market:
    """Definitions, books, tickers and indices, and when each reached us.

    `heard` is the last ticker's time, `confirmed` the book's. A quiet book sends no change: a
    ticker whose best bid and ask equal the book's top says that it still stands. A ticker that
    shows another top says nothing of the book, for a dead one must grow old.
    """

    instruments: Mapping[InstrumentName, Instrument] = field(default_factory=dict)
    instruments_at_ms: int | None = None
    books: Mapping[InstrumentName, Book] = field(default_factory=dict)
    tickers: Mapping[InstrumentName, Ticker] = field(default_factory=dict)
    heard: Mapping[InstrumentName, int] = field(default_factory=dict)
    confirmed: Mapping[InstrumentName, int] = field(default_factory=dict)
    indices: Mapping[IndexName, Heard] = field(default_factory=dict)
    locked: frozenset[IndexName] = frozenset()  # "" stands for all of the venue
    is_in_maintenance: bool = False
    broken: Mapping[InstrumentName, int] = field(default_factory=dict)  # since when a book is

    @property
    def is_locked(self) -> bool:
        """True while the venue, or any index of it, is locked or in maintenance."""
        return bool(self.locked)

    def mark_age_ms(self, instrument: InstrumentName, *, now_ms: int) -> int | None:
        """How long ago the ticker, with its mark, was heard; None when it never was."""
        at_ms = self.heard.get(instrument)
        return None if at_ms is None else max(0, now_ms - at_ms)

    def book_age_ms(self, instrument: InstrumentName, *, now_ms: int) -> int | None:
        """How long ago the book was confirmed; None when it never was."""
        at_ms = self.confirmed.get(instrument)
        return None if at_ms is None else max(0, now_ms - at_ms)

    def index_age_ms(self, index: IndexName, *, now_ms: int) -> int | None:
        """How long ago the index was heard; None when it never was."""
        heard = self.indices.get(index)
        return None if heard is None else max(0, now_ms - heard.at_ms)


def fold(market: Market, report: MarketReport, *, now_ms: int) -> Market:
    """Fold one report in; `now_ms` is the venue time at which it reached us."""
    match report:
        case Ticker():
            return _with_ticker(market, report, now_ms=now_ms)
        case BookSnapshot():
            return _with_book(market, fold_snapshot(report), now_ms=now_ms)
        case BookChange():
            book = market.books.get(report.instrument)
            if book is None:
                return market
            return _with_book(market, fold_change(book, report), now_ms=now_ms)
        case IndexPrice():
            heard = _next(market.indices.get(report.index), report.price, now_ms=now_ms)
            return replace(market, indices={**market.indices, report.index: heard})
        case InstrumentState():
            return _with_state(market, report)
        case PlatformState():
            return replace(
                market,
                locked=_locked(market.locked, report),
                is_in_maintenance=report.is_maintenance
                or (market.is_in_maintenance and report.index is not None),
            )


def learn_instruments(market: Market, instruments: Iterable[Instrument], *, now_ms: int) -> Market:
    """Take a full list of definitions, freshly read."""
    known = {instrument.name: instrument for instrument in instruments}
    return replace(market, instruments=known, instruments_at_ms=now_ms)


def forget_stream(market: Market) -> Market:
    """Drop what only an unbroken stream can keep true: after a reconnect it starts again.

    Definitions stay for exits, and count as unconfirmed until they are read anew (DOMAIN §5.3).
    """
    return replace(
        market, books={}, heard={}, confirmed={}, broken={}, indices={}, instruments_at_ms=None
    )


def _locked(before: frozenset[IndexName], report: PlatformState) -> frozenset[IndexName]:
    """An index that opens leaves the others as they are; the platform opens with all of them."""
    if report.is_locked or report.is_maintenance:
        return before | {report.index or _PLATFORM}
    return frozenset() if report.index is None else before - {report.index}


def _next(before: Heard | None, price: Price, *, now_ms: int) -> Heard:
    if before is None or before.price <= 0:
        return Heard(price=price, at_ms=now_ms)
    step = abs(float(price) / float(before.price) - 1)
    return Heard(
        price=price, at_ms=now_ms, step_ratio=step, jump_ratio=max(step, before.step_ratio)
    )


def _with_ticker(market: Market, ticker: Ticker, *, now_ms: int) -> Market:
    name, book = ticker.instrument, market.books.get(ticker.instrument)
    is_same_top = (
        book is not None and not book.is_broken and (book.bid, book.ask) == (ticker.bid, ticker.ask)
    )
    return replace(
        market,
        tickers={**market.tickers, name: ticker},
        heard={**market.heard, name: now_ms},
        confirmed={**market.confirmed, name: now_ms} if is_same_top else market.confirmed,
    )


def _with_book(market: Market, book: Book, *, now_ms: int) -> Market:
    name, broken = book.instrument, market.broken
    if book.is_broken and name not in broken:
        broken = {**broken, name: now_ms}
    elif not book.is_broken and name in broken:
        broken = {known: at for known, at in broken.items() if known != name}
    return replace(
        market,
        books={**market.books, name: book},
        confirmed={**market.confirmed, name: now_ms},
        broken=broken,
    )


def _with_state(market: Market, report: InstrumentState) -> Market:
    known = market.instruments.get(report.instrument)
    if known is None:
        return market
    changed = msgspec.structs.replace(known, state=report.state)
    return replace(market, instruments={**market.instruments, known.name: changed})
