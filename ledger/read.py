"""Reading a ledger from another process, while its engine runs or when it is down.

Read-only connections of their own, and only short statements: a reader never holds back a commit,
and a checkpoint only for the time of one page. Nothing here takes the lock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, final

import apsw

from bot.core.durable import Durable
from bot.domain.ids import IntentId, Label, RunId
from bot.intent.intent import Owner
from ledger.chain import Head, Row, check_link
from ledger.connection import DATABASE_NAME, faults_mapped, open_read_only
from ledger.entry import Entry
from ledger.errors import LedgerAbsent
from ledger.fold import Folded, fold, record_of
from ledger.journal import body_content, last_seq, read_meta, row_at, row_of, rows
from ledger.schema import check_schema, is_blank

__all__ = ["Reader", "Written", "open_reader"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One record as the journal has it. Its bodies are fetched by hash when wanted."""

    seq: int
    hash: str
    kind: str
    entry: Entry


def open_reader(home: Path) -> "Reader":
    """Open the ledger in `home` to read.

    Raises LedgerAbsent, LedgerCorrupt, LedgerNewer, and LedgerUnwritable when the file cannot be
    opened or read at all.
    """
    path = home / DATABASE_NAME
    if not path.exists():
        raise LedgerAbsent(home)
    connection = open_read_only(path.resolve())
    try:
        with faults_mapped():
            _require_made(connection, home)
            return Reader(connection)
    except BaseException:
        connection.close(True)
        raise


def _require_made(connection: apsw.Connection, home: Path) -> None:
    if is_blank(connection):
        raise LedgerAbsent(home)
    check_schema(connection)


@final
class Reader:
    """A ledger being read. Every answer is checked: each row against its own hash."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Take over a checked connection."""
        self._connection = connection
        self._meta = read_meta(connection)

    @property
    def owner(self) -> Owner:
        """Whose ledger this is, its id included."""
        return self._meta.owner

    @property
    def created_ms(self) -> int:
        """When it was made, wall clock."""
        return self._meta.created_ms

    def head(self) -> Head:
        """Return the newest record's number and hash, as they are now."""
        with faults_mapped():
            row = row_at(self._connection, last_seq(self._connection))
        return self._meta.start if row is None else Head(row.seq, row.hash.hex())

    def folded(self) -> Folded:
        """Return the state with the head that it holds at."""
        with faults_mapped():
            return fold(self._connection, self._meta)

    def state(self) -> Durable:
        """Return the state as of now, from the newest snapshot and the tail."""
        return self.folded().state

    def entries(
        self,
        *,
        after: int = 0,
        kind: str | None = None,
        intent_id: IntentId | None = None,
        label: Label | None = None,
    ) -> Iterator[Written]:
        """Walk the records with a number above `after`, in order, up to what is there now.

        `kind` without its version; `label` stands for the intent that it is on. Conditions add up.
        Raises LedgerCorrupt at the first record that is not what was written.
        """
        with faults_mapped():
            if label is not None:
                intent = row_of(self._connection, kind="intent", ref=label)
                if intent is None or intent_id not in (None, intent.intent_id):
                    return
                found = intent.intent_id
            else:
                found = intent_id
            to = last_seq(self._connection)
            for row in rows(self._connection, after=after, to=to, kind=kind, intent_id=found):
                yield self._written(row)

    def last(self, count: int) -> tuple[Written, ...]:
        """Return the newest `count` records, oldest first."""
        return tuple(self.entries(after=max(self.head().seq - count, 0)))

    def body(self, name: str) -> bytes | None:
        """Return a capsule or snapshot by its hash; None when there is none by that name."""
        with faults_mapped():
            return body_content(self._connection, name)

    def close(self) -> None:
        """Let the file go."""
        self._connection.close(True)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _written(self, row: Row) -> Written:
        head = check_link(row, after=Head(row.seq - 1, row.prev_hash.hex()))
        entry = Entry(
            record=record_of(row),
            run_id=RunId(row.run_id),
            intent_id=None if row.intent_id is None else IntentId(row.intent_id),
            ref=row.ref,
            at_venue_ms=row.at_venue_ms,
            at_mono_ns=row.at_mono_ns,
        )
        return Written(seq=row.seq, hash=head.hash, kind=row.kind, entry=entry)
