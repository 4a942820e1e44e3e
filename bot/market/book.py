"""One order book, kept by folding the venue's snapshots and changes (PROTOCOL §7.1)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, Price
from bot.domain.report import BookChange, BookSnapshot, Level, LevelChange
from bot.domain.side import Side

__all__ = ["Book", "depth_within", "fold_change", "fold_snapshot"]


@dataclass(frozen=True, slots=True)
class Book:
    """Levels best first. A broken book has missed a change: it is worthless until a snapshot."""

    instrument: InstrumentName
    change_id: int
    at_ms: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    is_broken: bool = False

    @property
    def bid(self) -> Level | None:
        """The best buyer."""
        return self.bids[0] if self.bids else None

    @property
    def ask(self) -> Level | None:
        """The best seller."""
        return self.asks[0] if self.asks else None

    @property
    def is_crossed(self) -> bool:
        """True when somebody seems to buy dearer than somebody sells: a fault of the feed."""
        return bool(self.bids and self.asks and self.bids[0].price >= self.asks[0].price)

    def touch(self, side: Side) -> Level | None:
        """The level that an order of this side would take."""
        return self.ask if side is Side.BUY else self.bid


def fold_snapshot(snapshot: BookSnapshot) -> Book:
    """Begin a book anew."""
    return Book(
        instrument=snapshot.instrument,
        change_id=snapshot.change_id,
        at_ms=snapshot.at_ms,
        bids=_sorted(snapshot.bids, descending=True),
        asks=_sorted(snapshot.asks, descending=False),
    )


def fold_change(book: Book, change: BookChange) -> Book:
    """Apply a change. A gap in the chain of change ids breaks the book, and so does the removal of
    a level that is not there: both say that something was missed.
    """
    if book.is_broken or change.prev_change_id != book.change_id:
        return replace(book, is_broken=True)
    bids = _merged(book.bids, change.bids, descending=True)
    asks = _merged(book.asks, change.asks, descending=False)
    if bids is None or asks is None:
        return replace(book, is_broken=True)
    return Book(
        instrument=book.instrument,
        change_id=change.change_id,
        at_ms=change.at_ms,
        bids=bids,
        asks=asks,
    )


def depth_within(levels: Iterable[Level], *, best: Price, distance: Decimal) -> Amount:
    """Sum what stands within a distance of the best price."""
    total = sum((lv.amount for lv in levels if abs(lv.price - best) <= distance), Decimal(0))
    return Amount(total)


def _merged(
    levels: tuple[Level, ...], changes: tuple[LevelChange, ...], *, descending: bool
) -> tuple[Level, ...] | None:
    if not changes:
        return levels
    amounts = {level.price: level.amount for level in levels}
    for change in changes:
        if change.amount != 0:
            amounts[change.price] = change.amount
        elif amounts.pop(change.price, None) is None:
            return None
    return _sorted(
        (Level(price, amount) for price, amount in amounts.items()), descending=descending
    )


def _sorted(levels: Iterable[Level], *, descending: bool) -> tuple[Level, ...]:
    return tuple(sorted(levels, key=lambda level: level.price, reverse=descending))
