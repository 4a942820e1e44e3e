"""Rows for the looking commands: from the engine, or from the ledger when it is down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from bot.control.errors import UserError
from bot.control.rows import order_rows_of, position_rows_of
from bot.control.story import event_row, fill_row
from bot.control.view import EventRow
from bot.core.record import FillBooked
from commands.connect import connect
from commands.last_run import read_ledger
from commands.output import say
from commands.session import Session
from ledger.read import Reader

__all__ = ["Answered", "ask", "events_of"]


@dataclass(frozen=True, slots=True)
class Answered:
    """The raw rows of one noun, and the run that they come from."""

    raw: bytes
    run_id: str


def ask(session: Session, noun: str, args: Mapping[str, object] | None = None) -> Answered:
    """Ask the engine for its rows; when it is down, fold them from the ledger.

    Raises UserError: exit 3 when there is neither, exit 6 when the ledger cannot be read.
    """
    try:
        with connect(session) as client:
            return Answered(raw=client.ask(noun, dict(args or {})), run_id=client.hello.run_id)
    except UserError as error:
        with read_ledger(session, error) as reader:
            state = reader.state()
            rows = _OF_LEDGER[noun](reader, dict(args or {}))
            say("No engine answers; this is what the ledger says.", session=session)
            return Answered(
                raw=msgspec.json.encode({noun: rows}),
                run_id=state.run.run_id if state.run else "",
            )


def events_of(reader: Reader, *, n: int, from_seq: int | None) -> tuple[EventRow, ...]:
    """Return the newest events of a ledger, or those from a place on."""
    written = reader.last(n)
    if from_seq is not None:
        written = tuple(
            row for _, row in zip(range(n), reader.entries(after=from_seq - 1), strict=False)
        )
    return tuple(
        event_row(row.entry.record, seq=row.seq, at_ms=row.entry.at_venue_ms) for row in written
    )


def _positions(reader: Reader, _args: Mapping[str, object]) -> object:
    return position_rows_of(reader.state())


def _orders(reader: Reader, args: Mapping[str, object]) -> object:
    rows = order_rows_of(reader.state())
    match args.get("state", "all"):
        case "unknown":
            return [row for row in rows if row.state == "UNKNOWN"]
        case "live":
            return [row for row in rows if row.state != "UNKNOWN"]
        case "foreign":
            return []  # the ledger keeps what is ours
        case _:
            return rows


def _fills(reader: Reader, args: Mapping[str, object]) -> object:
    n = args.get("n", 20)
    rows = [
        fill_row(row.entry.record, seq=row.seq)
        for row in reader.entries(kind="fill")
        if isinstance(row.entry.record, FillBooked)
    ]
    return rows[-n:] if isinstance(n, int) else rows


_OF_LEDGER: Mapping[str, Callable[[Reader, Mapping[str, object]], object]] = {
    "fills": _fills,
    "orders": _orders,
    "positions": _positions,
}
