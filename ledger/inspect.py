"""Questions in SQL, asked of a copy: no answer can cost the live ledger anything [C-211].

Read only in three ways: the copy is not the ledger, its connection cannot write, and the authorizer
lets nothing pass but reading, so that no other file can be attached either.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import apsw

from ledger.backup import backup
from ledger.chain import Head
from ledger.connection import DATABASE_NAME, open_read_only
from ledger.errors import QueryRefused
from ledger.progress import Progress, unwatched

__all__ = ["ROWS_MAX", "Answer", "inspect"]

ROWS_MAX: Final = 1_000
TURNS_MAX: Final = 20_000  # of 50 000 steps: about a minute
_TURN_STEPS: Final = 50_000
_CELL_MAX: Final = 200
_READING: Final = frozenset(
    {
        apsw.SQLITE_FUNCTION,
        apsw.SQLITE_READ,
        apsw.SQLITE_RECURSIVE,
        apsw.SQLITE_SELECT,
    }
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows, each cell as text; bytes as their length and beginning. `is_cut` at ROWS_MAX."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_cut: bool
    head: Head


def inspect(
    home: Path,
    sql: str,
    *,
    rows_max: int = ROWS_MAX,
    turns_max: int = TURNS_MAX,
    progress: Progress = unwatched,
) -> Answer:
    """Answer one SELECT from a verified copy of the ledger in `home`, which is removed again.

    Raises QueryRefused for anything but reading, for faulty SQL, and for one that takes too long;
    and what `backup` raises.
    """
    rows_max = min(rows_max, ROWS_MAX)
    with tempfile.TemporaryDirectory(prefix="bot-inspect-") as folder:
        copied = backup(home, to=Path(folder) / DATABASE_NAME, progress=progress)
        connection = open_read_only(copied.path)
        try:
            columns, rows = _ask(connection, sql, rows_max=rows_max, turns_max=turns_max)
        except (apsw.Error, UnicodeDecodeError) as fault:
            raise QueryRefused(f"{type(fault).__name__}: {fault}") from fault
        finally:
            connection.close(True)
    return Answer(
        columns=columns,
        rows=tuple(tuple(_text(cell) for cell in row) for row in rows[:rows_max]),
        is_cut=len(rows) > rows_max,
        head=copied.head,
    )


def _ask(
    connection: apsw.Connection, sql: str, *, rows_max: int, turns_max: int
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    turns = 0

    def is_enough() -> bool:
        nonlocal turns
        turns += 1
        return turns > turns_max

    connection.set_progress_handler(is_enough, _TURN_STEPS)
    connection.authorizer = _may
    cursor = connection.cursor()
    rows: list[tuple[object, ...]] = []
    columns: tuple[str, ...] = ()
    for row in cursor.execute(sql):
        columns = tuple(name for name, *_ in cursor.get_description())
        rows.append(row)
        if len(rows) > rows_max:
            break
    cursor.close(True)
    return columns, rows


def _may(action: int, *_what: str | None) -> int:
    return apsw.SQLITE_OK if action in _READING else apsw.SQLITE_DENY


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bytes():
            text = f"x'{cell[:16].hex()}' {len(cell)} bytes"
            return _printable(cell) or text
        case _:
            return str(cell)[:_CELL_MAX]


def _printable(cell: bytes) -> str:
    """Return a record's body as the text it is; empty for what is none."""
    try:
        text = cell.decode()
    except UnicodeDecodeError:
        return ""
    return text[:_CELL_MAX] if text.isprintable() else ""
