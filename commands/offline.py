"""The same rows as the engine gives, folded from the ledger of an engine that is down."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from bot.control.rows import order_rows_of, position_rows_of
from bot.control.story import event_row, fill_row
from bot.control.view import EventRow, FillRow, OrderRow, PositionRow
from ledger.read import Reader

__all__ = ["events_of", "ledger_rows"]

_FILLS: Final = 20

_Args = Mapping[str, object]
_Rows = tuple[PositionRow, ...] | tuple[OrderRow, ...] | tuple[FillRow, ...]


def ledger_rows(reader: Reader, noun: str, args: _Args) -> tuple[bytes, str]:
    """Return the rows of `positions`, `orders` or `fills`, encoded, and the last run's id."""
    state = reader.state()
    rows = _OF_LEDGER[noun](reader, args)
    return msgspec.json.encode({noun: rows}), state.run.run_id if state.run else ""


def events_of(reader: Reader, *, n: int, from_seq: int | None) -> tuple[EventRow, ...]:
    """Return the newest events of a ledger, or those from a place on."""
    written = reader.last(n)
    if from_seq is not None:
        walked = reader.entries(after=from_seq - 1)
        written = tuple(row for _, row in zip(range(n), walked, strict=False))
    return tuple(
        event_row(row.entry.record, seq=row.seq, at_ms=row.entry.at_venue_ms) for row in written
    )


def _positions(reader: Reader, _args: _Args) -> _Rows:
    return position_rows_of(reader.state())


def _orders(reader: Reader, args: _Args) -> _Rows:
    rows = order_rows_of(reader.state())
    match args.get("state", "all"):
        case "unknown":
            return tuple(row for row in rows if row.state == "UNKNOWN")
        case "live":
            return tuple(row for row in rows if row.state != "UNKNOWN")
        case "foreign":
            return ()  # the ledger keeps what is ours
        case _:
            return rows


def _fills(reader: Reader, args: _Args) -> _Rows:
    n = args.get("n", _FILLS)
    rows = [fill_row(row.entry.record, seq=row.seq) for row in reader.entries(kind="fill")]
    kept = tuple(row for row in rows if row is not None)
    return kept[-n:] if isinstance(n, int) else kept


_OF_LEDGER: Final[Mapping[str, Callable[[Reader, _Args], _Rows]]] = {
    "fills": _fills,
    "orders": _orders,
    "positions": _positions,
}
