"""The market outside, as a fault makes it: crossed, one-sided, gone, or shut out of a closed book.

What is distorted is real: it is shown and traded against. When the fault is over the market is at
once what it would have been.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias, final

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.money import Amount, Price
from bot.domain.report import Level
from bot.domain.side import Side
from bot.simulator.exchange.book import Book
from bot.simulator.exchange.venue import Venue
from bot.simulator.feed import Feed, MarketTick, Quotes

__all__ = ["DistortedFeed", "Shape", "crossed", "emptied", "standing"]

Shape: TypeAlias = Callable[[Quotes], Quotes]


@final
class DistortedFeed:
    """A feed whose quotes take the shapes that are put upon their instruments.

    `shapes` belongs to whoever lets the faults begin and end; of several the first one holds.
    """

    def __init__(
        self, feed: Feed, venue: Venue, shapes: dict[InstrumentName, dict[str, Shape]]
    ) -> None:
        self._feed = feed
        self._venue = venue
        self._shapes = shapes
        self._true: dict[InstrumentName, Quotes] = {}  # of what is distorted now

    def instruments(self, at_ms: int) -> tuple[Instrument, ...]:
        """Return what the market has."""
        return self._feed.instruments(at_ms)

    def advance(self, at_ms: int) -> MarketTick:
        """Go on, distorted."""
        tick = self._feed.advance(at_ms)
        if not self._shapes and not self._true:
            return tick
        quotes = {row.instrument: row for row in tick.quotes}
        for name in sorted(self._true):
            if name not in self._shapes:
                quotes.setdefault(name, self._true[name])
                del self._true[name]
        for name in sorted(self._shapes):
            true = quotes.get(name) or self._true.get(name) or self._shown(name)
            if true is not None:
                self._true[name] = true
                quotes[name] = next(iter(self._shapes[name].values()))(true)
        return MarketTick(
            at_ms=tick.at_ms,
            indices=tick.indices,
            quotes=tuple(quotes.values()),
            trades=tick.trades,
            funding_8h=tick.funding_8h,
        )

    def index_mean(self, index: IndexName, from_ms: int, to_ms: int) -> Decimal:
        """Return what the market says."""
        return self._feed.index_mean(index, from_ms, to_ms)

    def save(self) -> bytes:
        """Write the market; a distortion is not kept."""
        return self._feed.save()

    def _shown(self, name: InstrumentName) -> Quotes | None:
        book = self._venue.books.get(name)
        return book.quotes if book is not None else None


def emptied(sides: frozenset[Side]) -> Shape:
    """Take sides away."""

    def shape(true: Quotes) -> Quotes:
        return _with_levels(
            true,
            bids=() if Side.BUY in sides else true.bids,
            asks=() if Side.SELL in sides else true.asks,
        )

    return shape


def crossed(instrument: Instrument, *, ticks: int) -> Shape:
    """Lift the bids until the best stands so many ticks above the best ask."""

    def shape(true: Quotes) -> Quotes:
        if not true.bids or not true.asks:
            return true
        ask = true.asks[0].price
        lift = instrument.ticks.up(ask) + ticks * instrument.ticks.at(ask) - true.bids[0].price
        grid = instrument.ticks
        bids: dict[Decimal, Decimal] = {}
        for level in true.bids:
            price = grid.down(level.price + lift)
            bids[price] = bids.get(price, Decimal(0)) + level.amount
        rows = tuple(Level(Price(price), Amount(amount)) for price, amount in bids.items())
        return _with_levels(true, bids=rows, asks=true.asks)

    return shape


def standing(book: Book) -> Shape:
    """Let the book stand as it is: the market goes on outside of it."""
    sides = {
        side: tuple(
            Level(Price(price), Amount(amount))
            for price, amount in sorted(book.outside[side].items(), reverse=side is Side.BUY)
        )
        for side in Side
    }

    def shape(true: Quotes) -> Quotes:
        return _with_levels(true, bids=sides[Side.BUY], asks=sides[Side.SELL])

    return shape


def _with_levels(true: Quotes, *, bids: tuple[Level, ...], asks: tuple[Level, ...]) -> Quotes:
    return Quotes(
        instrument=true.instrument,
        bids=bids,
        asks=asks,
        mark=true.mark,
        mark_iv=true.mark_iv,
        underlying=true.underlying,
        underlying_index=true.underlying_index,
        greeks=true.greeks,
    )
