"""What one channel says next, given what has changed and what it said before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, assert_never, final

from bot.domain.ids import AccountId, InstrumentName
from bot.domain.instrument import BookState, Kind
from bot.domain.side import Side
from bot.simulator.channel import Family, Interval, Topic, speaks_of
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.fill import running_funding
from bot.simulator.exchange.order import Order
from bot.simulator.exchange.trade import PublicTrade, UserTrade
from bot.simulator.exchange.venue import Changes, Venue
from bot.simulator.number import finite
from bot.simulator.show.account import CURRENCIES, show_position, show_summary_of
from bot.simulator.show.order import (
    definition,
    show_order,
    show_public_trade,
    show_user_trade,
)
from bot.simulator.show.ticker import show_quote, show_ticker

__all__ = ["Bulletin", "News"]

Sides = dict[Side, dict[Decimal, Decimal]]


@final
@dataclass(slots=True)
class News:
    """Changes that a channel's interval has gathered."""

    orders: list[Order] = field(default_factory=list)
    fills: list[UserTrade] = field(default_factory=list)
    trades: list[PublicTrade] = field(default_factory=list)
    touched: dict[tuple[AccountId, InstrumentName], None] = field(default_factory=dict)
    states: list[tuple[InstrumentName, BookState]] = field(default_factory=list)

    def add(self, changes: Changes) -> None:
        """Gather more."""
        self.orders += changes.orders
        self.fills += changes.fills
        self.trades += changes.trades
        self.touched |= changes.touched
        self.states += changes.states


@final
@dataclass(slots=True)
class Bulletin:
    """What a channel has said last, so that it says only what is new."""

    levels: Sides = field(default_factory=dict)
    change_id: int = 0
    last: Any = None

    def opening(self, venue: Venue, topic: Topic, *, account: AccountId | None) -> Iterator[Any]:
        """Say what a new subscriber hears first: the state, for channels that have one."""
        book = venue.books.get(topic.instrument) if topic.instrument is not None else None
        if topic.family is Family.BOOK and book is not None:
            if not self.levels:
                self.levels, self.change_id = _levels(book), book.change_id
            yield self.snapshot(book)
        elif topic.family in (Family.TICKER, Family.QUOTE, Family.BOOK_GROUPED, Family.PORTFOLIO):
            yield from Bulletin().next(venue, topic, account=account, news=News(), is_tick=True)

    def next(
        self,
        venue: Venue,
        topic: Topic,
        *,
        account: AccountId | None,
        news: News,
        is_tick: bool,
    ) -> Iterator[Any]:
        """Say what is new. `is_tick`: the market has moved on; else a request has been served."""
        match topic.family:
            case (
                Family.BOOK | Family.BOOK_GROUPED | Family.TICKER | Family.QUOTE | Family.PERPETUAL
            ):
                book = venue.books.get(topic.instrument) if topic.instrument else None
                if book is not None:
                    yield from self._of_book(venue, topic, book, is_tick=is_tick)
            case Family.TRADES:
                found = [t for t in news.trades if _covers(venue, topic, t.instrument)]
                if found:
                    yield [show_public_trade(venue, trade) for trade in found]
            case Family.INDEX | Family.ESTIMATE | Family.MARKS:
                if is_tick:
                    yield from self._of_index(venue, topic)
            case Family.STATE:
                for name, state in news.states:
                    if _covers(venue, topic, name):
                        yield {
                            "timestamp": venue.now_ms,
                            "state": state.value,
                            "instrument_name": name,
                        }
            case Family.ORDERS | Family.FILLS | Family.CHANGES:
                yield from _of_account(venue, topic, account=account, news=news)
            case Family.PORTFOLIO:
                if account is not None:
                    for currency in CURRENCIES:
                        if topic.currency in (None, currency):
                            yield show_summary_of(venue, venue.accounts[account], currency)
            case Family.PLATFORM:
                return
            case _:
                assert_never(topic.family)

    def _of_book(self, venue: Venue, topic: Topic, book: Book, *, is_tick: bool) -> Iterator[Any]:
        match topic.family:
            case Family.BOOK:
                yield from self._change(book)
            case Family.BOOK_GROUPED:
                if book.change_id != self.change_id:
                    self.change_id = book.change_id
                    yield _grouped(book, depth=topic.depth)
            case Family.TICKER:
                # A standing quote is confirmed at each tick: silence would look like staleness.
                if is_tick or book.change_id != self.change_id:
                    self.change_id = book.change_id
                    yield show_ticker(venue, book)
            case Family.QUOTE:
                quote = show_quote(venue, book)
                said = {**quote, "timestamp": 0}
                if said != self.last:
                    self.last = said
                    yield quote
            case _:
                if is_tick:
                    yield {
                        "timestamp": venue.now_ms,
                        "index_price": venue.index(book.instrument),
                        "interest": finite(
                            float(running_funding(venue, book.instrument.name)), places=12
                        ),
                    }

    def _of_index(self, venue: Venue, topic: Topic) -> Iterator[Any]:
        if topic.index is None:
            return
        price = venue.indices[topic.index]
        if topic.family is Family.INDEX:
            yield {"timestamp": venue.now_ms, "price": price, "index_name": topic.index}
        elif topic.family is Family.ESTIMATE:
            estimate = venue.delivery_estimates.get(topic.index, price)
            if estimate != self.last:
                self.last = estimate
                yield {"seconds": 0, "price": estimate, "is_estimated": False}
        elif self.last is None or venue.now_ms - self.last >= 1_000:
            self.last = venue.now_ms
            yield [
                {
                    "instrument_name": name,
                    "mark_price": book.mark,
                    "iv": book.quotes.mark_iv if book.quotes is not None else None,
                    "timestamp": venue.now_ms,
                }
                for name, book in sorted(venue.books.items())
                if book.instrument.kind is Kind.OPTION and book.instrument.index == topic.index
            ]

    def snapshot(self, book: Book) -> dict[str, Any]:
        """Show what the channel stands at, so that the next change follows on for everybody."""
        rows = {
            side: [["new", *level] for level in _sorted(self.levels[side], side)] for side in Side
        }
        return {
            "type": "snapshot",
            "timestamp": book.changed_ms,
            "instrument_name": book.instrument.name,
            "change_id": self.change_id,
            "bids": rows[Side.BUY],
            "asks": rows[Side.SELL],
        }

    def _change(self, book: Book) -> Iterator[dict[str, Any]]:
        if book.change_id == self.change_id:
            return
        now = _levels(book)
        rows = {side: _differences(self.levels.get(side, {}), now[side]) for side in Side}
        self.levels = now
        if not rows[Side.BUY] and not rows[Side.SELL]:
            return  # touched and put back: nothing that anybody could see
        before, self.change_id = self.change_id, book.change_id
        yield {
            "type": "change",
            "timestamp": book.changed_ms,
            "instrument_name": book.instrument.name,
            "prev_change_id": before,
            "change_id": self.change_id,
            "bids": rows[Side.BUY],
            "asks": rows[Side.SELL],
        }


def _of_account(
    venue: Venue, topic: Topic, *, account: AccountId | None, news: News
) -> Iterator[Any]:
    # One turn may take an order through several states; only the last of them is news.
    orders = list(
        {
            order.id: order
            for order in news.orders
            if order.account == account and _covers(venue, topic, order.instrument)
        }.values()
    )
    fills = [
        trade
        for trade in news.fills
        if trade.account == account and _covers(venue, topic, trade.public.instrument)
    ]
    if topic.family is Family.ORDERS:
        if topic.interval is Interval.RAW:
            for order in orders:
                yield show_order(venue, order)
        elif orders:
            yield [show_order(venue, order) for order in orders]
    elif topic.family is Family.FILLS:
        if fills:
            yield [show_user_trade(venue, trade) for trade in fills]
    elif account is not None:
        names = [
            name for owner, name in news.touched if owner == account and _covers(venue, topic, name)
        ]
        for name in dict.fromkeys(names):
            yield {
                "instrument_name": name,
                "orders": [show_order(venue, o) for o in orders if o.instrument == name],
                "trades": [show_user_trade(venue, t) for t in fills if t.public.instrument == name],
                "positions": [show_position(venue, venue.accounts[account], name)]
                if name in venue.books
                else [],
            }


def _covers(venue: Venue, topic: Topic, name: InstrumentName) -> bool:
    instrument = definition(venue, name)
    return instrument is not None and speaks_of(topic, instrument)


def _levels(book: Book) -> Sides:
    return {side: dict(book.levels(side)) for side in Side}


def _sorted(levels: dict[Decimal, Decimal], side: Side) -> list[tuple[Decimal, Decimal]]:
    return sorted(levels.items(), reverse=side is Side.BUY)


def _grouped(book: Book, *, depth: int) -> dict[str, Any]:
    return {
        "instrument_name": book.instrument.name,
        "timestamp": book.changed_ms,
        "change_id": book.change_id,
        "bids": [list(level) for level in book.levels(Side.BUY)[:depth]],
        "asks": [list(level) for level in book.levels(Side.SELL)[:depth]],
    }


def _differences(before: dict[Decimal, Decimal], after: dict[Decimal, Decimal]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for price, amount in after.items():
        if price not in before:
            rows.append(["new", price, amount])
        elif before[price] != amount:
            rows.append(["change", price, amount])
    rows += [["delete", price, Decimal("0.0")] for price in before if price not in after]
    return rows
