"""Opening the database, with every setting that safety stands on written out and read back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import apsw
import msgspec

from ledger.errors import LedgerCorrupt, LedgerUnwritable

__all__ = [
    "DATABASE_NAME",
    "Cell",
    "ask",
    "faults_mapped",
    "open_read_only",
    "open_writable",
    "require_sqlite",
]

Cell = str | int | bytes | None
T = TypeVar("T")

DATABASE_NAME: Final = "ledger.db"
_SQLITE_MIN: Final = (3, 51, 3)  # older ones can lose a WAL (DEPENDENCIES §2.2.7)

# `synchronous` and the rest belong to the connection, not to the file: a default that changes
# would change our promise without a word.
_WRITER: Final[tuple[tuple[str, str | int, str | int], ...]] = (
    # pragma                asked    must answer
    ("busy_timeout",         5_000,   5_000),
    ("journal_mode",         "wal",   "wal"),
    ("synchronous",          "full",  2),
    ("fullfsync",            1,       1),
    ("checkpoint_fullfsync", 1,       1),
    ("wal_autocheckpoint",   0,       0),  # they own the tail: the writer checkpoints by itself
    ("recursive_triggers",   1,       1),
    ("trusted_schema",       0,       0),
    ("cell_size_check",      1,       1),
    ("temp_store",           "memory", 2),
    ("mmap_size",            0,       0),  # a fault in a mapped page is a signal, not an error
)  # fmt: skip
_READER: Final[tuple[tuple[str, str | int, str | int], ...]] = (
    ("busy_timeout",         2_000,   2_000),
    ("query_only",           1,       1),
    ("trusted_schema",       0,       0),
    ("cell_size_check",      1,       1),
    ("temp_store",           "memory", 2),
    ("mmap_size",            0,       0),
)  # fmt: skip


def open_writable(path: Path, *, vfs: str | None) -> apsw.Connection:
    """Open an existing file to write; the caller holds the lock.

    Closing does not checkpoint: after a failed barrier nothing of it may reach the main file
    behind our back. Raises LedgerUnwritable and LedgerCorrupt.
    """
    with faults_mapped():
        connection = _open(path, flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
        try:
            _require_writable(connection, path)
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            _set(connection, _WRITER)
        except BaseException:
            connection.close()
            raise
    return connection


def open_read_only(path: Path) -> apsw.Connection:
    """Open an existing file to read; the engine may be writing it meanwhile."""
    with faults_mapped():
        connection = _open(path, flags=apsw.SQLITE_OPEN_READONLY, vfs=None)
        try:
            _set(connection, _READER)
        except BaseException:
            connection.close()
            raise
    return connection


def ask(
    connection: apsw.Connection,
    sql: str,
    bindings: Mapping[str, Cell] | Sequence[Cell],
    as_: type[T],
) -> list[T]:
    """Return all rows of a query, each of exactly these types. Raises LedgerCorrupt.

    All at once: a statement left open holds back the writer's checkpoint. The query bounds them.
    """
    found = connection.execute(sql, bindings).fetchall()
    try:
        return [msgspec.convert(row, as_) for row in found]
    except msgspec.ValidationError as fault:
        raise LedgerCorrupt(0, f"a row has a value of another type: {fault}") from fault


@contextmanager
def faults_mapped() -> Iterator[None]:
    """Turn the database's errors into ours: bad content is corrupt, anything else unwritable.

    No error means "nothing happened"; who commits poisons itself on any of them [C-212].
    """
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError, apsw.FormatError, UnicodeDecodeError) as fault:
        # A flipped bit in a text column is no error to the database, which hands it out as it is.
        raise LedgerCorrupt(0, f"the database is damaged: {fault}") from fault
    except apsw.Error as fault:
        raise LedgerUnwritable(f"{type(fault).__name__}: {fault}") from fault


def require_sqlite(version: str) -> None:
    """Raise LedgerUnwritable for a library with the WAL-reset race."""
    if tuple(int(part) for part in version.split(".")) < _SQLITE_MIN:
        wanted = ".".join(str(part) for part in _SQLITE_MIN)
        raise LedgerUnwritable(f"SQLite was {version}; below {wanted} it can lose committed rows")


def _require_writable(connection: apsw.Connection, path: Path) -> None:
    if connection.readonly("main"):
        raise LedgerUnwritable(f"{path} is read-only")


def _open(path: Path, *, flags: int, vfs: str | None) -> apsw.Connection:
    require_sqlite(apsw.sqlite_lib_version())
    connection = apsw.Connection(
        str(path), flags=flags | apsw.SQLITE_OPEN_NOFOLLOW | apsw.SQLITE_OPEN_EXRESCODE, vfs=vfs
    )
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    return connection


def _set(connection: apsw.Connection, table: tuple[tuple[str, str | int, str | int], ...]) -> None:
    for name, asked, wanted in table:
        connection.pragma(name, asked)
        was = connection.pragma(name)
        if was is not None and was != wanted:
            raise LedgerUnwritable(f"{name} stayed {was} where {wanted} was asked")
        if was is None and name != "mmap_size":  # a VFS without mapping answers nothing
            raise LedgerUnwritable(f"{name} has no value where {wanted} was asked")
