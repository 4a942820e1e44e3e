"""Faults that stand for a span: what each is drawn for, how it begins and how it ends."""

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, Final, TypeAlias, final

import msgspec

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instrument import BookState, Instrument
from bot.domain.side import Side
from bot.domain.tick import TickSchedule, TickStep
from bot.simulator.exchange.venue import Venue
from bot.simulator.peer import Peer
from bot.simulator.trouble.distorted import Shape, crossed, emptied, standing
from bot.simulator.trouble.hearsay import Hearsay
from bot.simulator.trouble.stake import accounts_here, draw_from, draw_index, draw_instrument
from bot.simulator.trouble.stop import Stop, draw_stop
from bot.simulator.trouble.trouble import Trouble

__all__ = ["States"]

_NOTICE_S: Final = (3.0, 10.0)  # from the word of a maintenance to its beginning
_CROSSED_TICKS_MAX: Final = 3


@final
class States:
    """Which spans have begun, and what they have been drawn for.

    `shapes` is what they make of the market's quotes; `said` waits to be announced to everybody.
    """

    def __init__(
        self, venue: Venue, trouble: Trouble, hearsay: Hearsay, peers: Mapping[str, Peer]
    ) -> None:
        self._venue = venue
        self._trouble = trouble
        self._hearsay = hearsay
        self._peers = peers
        self._begun: dict[str, Any] = {}
        self.shapes: dict[InstrumentName, dict[str, Shape]] = {}
        self.said: list[dict[str, Any]] = []
        self.stop: Stop | None = None
        self.told_stops: list[tuple[Stop, bool]] = []  # news of it, and whether it is cancelled
        self._shuts_ms: int | None = None  # when a maintenance that has been announced begins
        self._is_cut = False

    @property
    def is_shut(self) -> bool:
        """True while a maintenance is under way."""
        return self._shuts_ms is not None and self._venue.now_ms >= self._shuts_ms

    @property
    def has_begun(self) -> bool:
        """True while there is something to be ended."""
        return bool(self._begun)

    def pass_time(self) -> None:
        """Begin what stands, end what does not. A span with nothing to be drawn for waits."""
        for name, (begin, end) in _SPANS.items():
            if self._trouble.until_ms(name) > self._venue.now_ms:
                if name not in self._begun:
                    drawn = begin(self, self._trouble.draw(name))
                    if drawn is not None and self._trouble.stands(name):
                        self._begun[name] = drawn
            elif name in self._begun:
                end(self, self._begun.pop(name))
        if self.is_shut and not self._is_cut:
            self._is_cut = True
            for peer in list(self._peers.values()):
                peer.close()

    # -- what a channel says no more

    def _stick_book(self, draw: Random) -> InstrumentName | None:
        self._hearsay.stuck_book = self._draw(draw)
        return self._hearsay.stuck_book

    def _loosen_book(self, _drawn: InstrumentName) -> None:
        self._hearsay.stuck_book = None

    def _stick_marks(self, draw: Random) -> IndexName | None:
        self._hearsay.stuck_index = draw_index(self._venue, self._peers, draw)
        return self._hearsay.stuck_index

    def _loosen_marks(self, _drawn: IndexName) -> None:
        self._hearsay.stuck_index = None
        self._hearsay.thaw()

    def _silence_index(self, draw: Random) -> IndexName | None:
        self._hearsay.silent_index = draw_index(self._venue, self._peers, draw)
        return self._hearsay.silent_index

    def _unsilence_index(self, _drawn: IndexName) -> None:
        self._hearsay.silent_index = None

    # -- what the market shows

    def _cross(self, draw: Random) -> InstrumentName | None:
        name = self._draw(draw)
        if name is None:
            return None
        ticks = draw.randint(1, _CROSSED_TICKS_MAX)
        self._put_shape(
            "book_crossed", name, crossed(self._venue.books[name].instrument, ticks=ticks)
        )
        return name

    def _uncross(self, name: InstrumentName) -> None:
        self._drop_shapes("book_crossed", [name])

    def _leave_side(self, draw: Random) -> InstrumentName | None:
        name = self._draw(draw)
        if name is not None:
            side = Side.BUY if draw.random() < 0.5 else Side.SELL
            self._put_shape("book_one_sided", name, emptied(frozenset({side})))
        return name

    def _return_side(self, name: InstrumentName) -> None:
        self._drop_shapes("book_one_sided", [name])

    def _empty(self, draw: Random) -> InstrumentName | None:
        name = self._draw(draw)
        if name is not None:
            self._put_shape("book_empty", name, emptied(frozenset(Side)))
        return name

    def _refill(self, name: InstrumentName) -> None:
        self._drop_shapes("book_empty", [name])

    # -- what an instrument is

    def _coarsen(self, draw: Random) -> Instrument | None:
        name = self._draw(draw)
        if name is None:
            return None
        book = self._venue.books[name]
        fine = book.instrument
        book.instrument = msgspec.structs.replace(fine, ticks=_doubled(fine.ticks))
        self._venue.changes.states.append((name, book.state))
        return fine

    def _refine(self, fine: Instrument) -> None:
        book = self._venue.books.get(fine.name)
        if book is not None:
            book.instrument = fine
            self._venue.changes.states.append((fine.name, book.state))
        elif fine.name in self._venue.expired:
            self._venue.expired[fine.name] = (fine, self._venue.expired[fine.name][1])

    def _halt(self, draw: Random) -> list[InstrumentName] | None:
        name = self._draw(draw)
        return None if name is None else self._close("halted", [name], BookState.HALTED)

    def _resume(self, names: list[InstrumentName]) -> None:
        self._open("halted", names, BookState.HALTED)

    def _settle(self, _draw: Random) -> list[InstrumentName] | None:
        names = [name for name, book in self._venue.books.items() if book.state is BookState.OPEN]
        return self._close("settling", sorted(names), BookState.SETTLEMENT) if names else None

    def _settled(self, names: list[InstrumentName]) -> None:
        if self._venue.settling_until_ms == 0:  # else 08:00 has them now, and opens them
            self._open("settling", names, BookState.SETTLEMENT)
        else:
            self._drop_shapes("settling", names)

    # -- what a hand has left in an account

    def _place_stop(self, draw: Random) -> Stop | None:
        account = draw_from(accounts_here(self._peers), draw)
        name = self._draw(draw)
        if account is not None and name is not None:
            self.stop = draw_stop(self._venue, account, name, draw)
        if self.stop is not None:
            self.told_stops.append((self.stop, False))
        return self.stop

    def take_stop(self) -> None:
        """Let the stop be cancelled, by whoever: it does not come again in this span."""
        if self.stop is not None:
            self.told_stops.append((self.stop, True))
            self.stop = None

    def _end_stop(self, _drawn: Stop) -> None:
        self.take_stop()

    # -- what the platform is

    def _lock(self, _draw: Random) -> list[IndexName]:
        names = sorted(self._venue.indices)
        self.said += [{"price_index": name, "locked": True} for name in names]
        return names

    def _unlock(self, names: list[IndexName]) -> None:
        self.said += [{"price_index": name, "locked": False} for name in names]

    def _shut(self, draw: Random) -> int:
        self.said.append({"maintenance": True})
        self._shuts_ms = self._venue.now_ms + int(draw.uniform(*_NOTICE_S) * 1_000)
        self._is_cut = False
        return self._shuts_ms

    def _unshut(self, _drawn: int) -> None:
        self.said.append({"maintenance": False})
        self._shuts_ms = None

    # -- what several of them need

    def _draw(self, draw: Random) -> InstrumentName | None:
        return draw_instrument(self._venue, self._peers, draw)

    def _put_shape(self, fault: str, name: InstrumentName, shape: Shape) -> None:
        self.shapes[name] = {fault: shape, **self.shapes.get(name, {})}

    def _drop_shapes(self, fault: str, names: Iterable[InstrumentName]) -> None:
        for name in names:
            self.shapes[name].pop(fault)
            if not self.shapes[name]:
                del self.shapes[name]

    def _close(
        self, fault: str, names: list[InstrumentName], state: BookState
    ) -> list[InstrumentName]:
        """Close books; a closed one trades with nobody, so the market's quotes stay outside."""
        for name in names:
            book = self._venue.books[name]
            self._venue.set_state(book, state)
            self._put_shape(fault, name, standing(book))
        return names

    def _open(self, fault: str, names: list[InstrumentName], state: BookState) -> None:
        self._drop_shapes(fault, names)
        for name in names:
            book = self._venue.books.get(name)
            if book is not None and book.state is state:
                self._venue.set_state(book, BookState.OPEN)


def _doubled(ticks: TickSchedule) -> TickSchedule:
    steps = tuple(
        TickStep(above_price=step.above_price, tick=2 * step.tick) for step in ticks.steps
    )
    return TickSchedule(tick=2 * ticks.tick, steps=steps)


_Begin: TypeAlias = Callable[[States, Random], Any | None]
_End: TypeAlias = Callable[[States, Any], None]

# fault → what it does when it begins (returning what it was drawn for) and when it ends
_SPANS: Final[Mapping[str, tuple[_Begin, _End]]] = {
    "book_stuck": (States._stick_book, States._loosen_book),
    "mark_stuck": (States._stick_marks, States._loosen_marks),
    "index_silent": (States._silence_index, States._unsilence_index),
    "book_crossed": (States._cross, States._uncross),
    "book_one_sided": (States._leave_side, States._return_side),
    "book_empty": (States._empty, States._refill),
    "tick_changed": (States._coarsen, States._refine),
    "halted": (States._halt, States._resume),
    "settling": (States._settle, States._settled),
    "foreign_stop": (States._place_stop, States._end_stop),
    "locked": (States._lock, States._unlock),
    "maintenance": (States._shut, States._unshut),
}
