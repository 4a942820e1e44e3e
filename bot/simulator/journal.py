"""What outlives the process: orders, trades, accounts, as JSON lines.

Each line is everything that one request or one tick changed, so that a torn last line loses a whole
change and never half of one. A line is handed to the operating system before anybody hears of it:
it survives the death of the process, not that of the machine. At start the lines are folded and
written anew as one.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Final, final

import msgspec

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instrument import Instrument
from bot.domain.side import Side
from bot.simulator.exchange.account import Account
from bot.simulator.exchange.order import Order
from bot.simulator.exchange.record import LogEntry, Settlement, Taken
from bot.simulator.exchange.trade import UserTrade
from bot.simulator.exchange.venue import ORDER_LOG_MAX, USER_TRADES_MAX, Changes, Venue

__all__ = ["Entry", "Journal", "JournalDamagedError", "entry_of", "restore", "whole"]


_GROWN_BYTES: Final = 64 * 1024 * 1024


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. Counters are as they stood after the change."""

    at_ms: int
    order_last: int
    trade_last: int
    rank_last: int
    settled_ms: int = 0
    orders: tuple[Order, ...] = ()
    fills: tuple[UserTrade, ...] = ()
    accounts: tuple[Account, ...] = ()
    log: tuple[LogEntry, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    taken: tuple[Taken, ...] = ()
    expired: tuple[tuple[Instrument, Decimal], ...] = ()
    deliveries: dict[IndexName, dict[int, Decimal]] = {}
    sequences: dict[InstrumentName, int] = {}
    funding: dict[InstrumentName, Fraction] = {}
    settlement_prices: dict[InstrumentName, Decimal] = {}


@final
class JournalDamagedError(Exception):
    """A line that is not the last cannot be read. Carries the file and the line number."""

    def __init__(self, path: Path, *, line: int, why: str) -> None:
        super().__init__(f"{path} line {line}: {why}")
        self.path, self.line, self.why = path, line, why


def _encode_fraction(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no place in the journal")


def _decode_fraction(kind: type[Any], value: Any) -> Any:
    if kind is Fraction:
        return Fraction(value)
    raise NotImplementedError(f"{kind.__name__} has no place in the journal")


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_encode_fraction)
_DECODER: Final = msgspec.json.Decoder(Entry, dec_hook=_decode_fraction)


def entry_of(venue: Venue, changes: Changes) -> Entry:
    """Write down what has just changed."""
    names = {name for _, name in changes.touched}
    return Entry(
        at_ms=venue.now_ms,
        order_last=venue.order_last,
        trade_last=venue.trade_last,
        rank_last=venue.rank_last,
        settled_ms=venue.settled_ms,
        orders=tuple(changes.orders),
        fills=tuple(changes.fills),
        accounts=tuple(changes.accounts.values()),
        log=tuple(changes.log),
        settlements=tuple(changes.settlements),
        taken=_taken(venue, sorted({trade.instrument for trade in changes.trades})),
        sequences={n: venue.books[n].trade_seq for n in sorted(names) if n in venue.books},
        funding={n: f for n, f in sorted(venue.funding_running.items()) if n in names},
        **_calendar(venue) if changes.settlements or changes.states else {},
    )


def whole(venue: Venue) -> Entry:
    """Write down everything, for a journal that begins anew."""
    return Entry(
        at_ms=venue.now_ms,
        order_last=venue.order_last,
        trade_last=venue.trade_last,
        rank_last=venue.rank_last,
        settled_ms=venue.settled_ms,
        orders=(*venue.closed.values(), *venue.open.values()),
        fills=tuple(t for trades in venue.user_trades.values() for t in trades),
        accounts=tuple(venue.accounts.values()),
        log=tuple(venue.order_log),
        settlements=tuple(venue.settlements),
        taken=(*venue.kept_taken.values(), *_taken(venue, sorted(venue.books))),
        sequences={name: book.trade_seq for name, book in sorted(venue.books.items())},
        funding=dict(sorted(venue.funding_running.items())),
        **_calendar(venue),
    )


def restore(venue: Venue, entries: Iterable[Entry]) -> None:
    """Fold lines into an empty venue. Open orders go into the books when these are listed."""
    for entry in entries:
        venue.now_ms = max(venue.now_ms, entry.at_ms)
        venue.order_last = max(venue.order_last, entry.order_last)
        venue.trade_last = max(venue.trade_last, entry.trade_last)
        venue.rank_last = max(venue.rank_last, entry.rank_last)
        venue.settled_ms = max(venue.settled_ms, entry.settled_ms)
        for order in entry.orders:
            venue.open.pop(order.id, None)
            (venue.open if order.is_open else venue.closed)[order.id] = order
        for trade in entry.fills:
            venue.user_trades.setdefault(trade.account, []).append(trade)
        for account in entry.accounts:
            venue.accounts[account.id] = account
        venue.order_log.extend(entry.log)
        venue.settlements.extend(entry.settlements)
        venue.kept_taken |= {taken.instrument: taken for taken in entry.taken}
        for instrument, delivery in entry.expired:
            venue.expired[instrument.name] = (instrument, delivery)
        venue.deliveries |= entry.deliveries
        venue.funding_running |= entry.funding
        venue.kept_sequences |= entry.sequences
        venue.kept_settlement_prices |= entry.settlement_prices
    del venue.order_log[:-ORDER_LOG_MAX]
    for trades in venue.user_trades.values():
        del trades[:-USER_TRADES_MAX]


@final
class Journal:
    """The file `journal.jsonl` of a state folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.jsonl"
        self._file: IO[bytes] | None = None
        self._size = self._size_begun = 0

    @property
    def is_grown(self) -> bool:
        """True when most of the file is history that one line could say."""
        return self._size > max(_GROWN_BYTES, 2 * self._size_begun)

    def read(self) -> list[Entry]:
        """Return all lines; a torn last one is dropped. Raises JournalDamagedError."""
        if not self._path.exists():
            return []
        lines = self._path.read_bytes().split(b"\n")
        entries: list[Entry] = []
        for number, line in enumerate(lines, start=1):
            if not line:
                continue
            try:
                entries.append(_DECODER.decode(line))
            except (msgspec.DecodeError, ValueError) as error:
                if number == len(lines):  # no newline after it: it was being written
                    break
                raise JournalDamagedError(self._path, line=number, why=str(error)) from None
        return entries

    def begin(self, entry: Entry) -> None:
        """Begin anew with one line that holds everything; the old file stands until it is whole."""
        fresh = self._path.with_suffix(".new")
        self._size = self._size_begun = fresh.write_bytes(_ENCODER.encode(entry) + b"\n")
        self.close()
        fresh.replace(self._path)
        self._file = self._path.open("ab")

    def append(self, entry: Entry) -> None:
        """Add a line and hand it to the operating system."""
        if self._file is None:
            raise ValueError("the journal is closed")
        self._size += self._file.write(_ENCODER.encode(entry) + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file; closing twice is no fault."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _taken(venue: Venue, names: Iterable[InstrumentName]) -> tuple[Taken, ...]:
    found: list[Taken] = []
    for name in names:
        book = venue.books.get(name)
        if book is not None and book.quotes is not None and any(book.taken.values()):
            found.append(
                Taken(
                    instrument=name,
                    bids=book.quotes.bids,
                    asks=book.quotes.asks,
                    from_bids=book.taken[Side.BUY],
                    from_asks=book.taken[Side.SELL],
                )
            )
    return tuple(found)


def _calendar(venue: Venue) -> dict[str, Any]:
    return {
        "expired": tuple(venue.expired.values()),
        "deliveries": venue.deliveries,
        "settlement_prices": {
            name: book.settlement_price
            for name, book in sorted(venue.books.items())
            if book.settlement_price > 0
        },
    }
