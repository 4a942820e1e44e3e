"""Changing an older ledger's tables to this version's, by command and never by the way [C-211].

One transaction makes all steps, moves the schema number, and folds the journal anew, since the fold
may have changed as well: a crash leaves the old version or the new one. The journal's rows, and so
its chain, are never touched. A verified copy comes first; a rehearsal makes the copy, migrates and
verifies that, and removes it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, final

import apsw

from bot.domain.ids import RunId
from ledger.backup import backup, backup_before
from ledger.chain import Head
from ledger.connection import DATABASE_NAME, faults_mapped, open_writable
from ledger.errors import LedgerAbsent, LedgerCorrupt
from ledger.lock import Lock
from ledger.progress import Progress, unwatched
from ledger.rebuild import renew_snapshot
from ledger.schema import SCHEMA_VERSION, check_schema, is_blank, schema_version
from ledger.verify import verify_file

__all__ = ["STEPS", "Migrated", "Step", "migrate"]


class Step(NamedTuple):
    """How a ledger of one schema becomes one of the next."""

    was: int
    what: str
    statements: tuple[str, ...]


STEPS: Final = (
    Step(
        1,
        "index the records that have a name only: the others need no index page in their commit",
        (
            "DROP INDEX journal_kind_ref",
            "CREATE INDEX journal_kind_ref ON journal (kind, ref) WHERE ref IS NOT NULL",
        ),
    ),
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """From which schema to which, and where the copy from before is; None when nothing was due."""

    was: int
    now: int
    steps: tuple[str, ...]
    backup: Path | None
    head: Head


def migrate(
    home: Path,
    *,
    run_id: RunId,
    now_ms: int,
    is_rehearsal: bool,
    vfs: str | None = None,
    progress: Progress = unwatched,
) -> Migrated:
    """Bring the ledger in `home` to this version's schema; one that is there already is left alone.

    Takes the lock: no engine may run. `now_ms` is wall-clock time. Raises LedgerAbsent, LedgerHeld,
    LedgerNewer, LedgerUnwritable, and LedgerCorrupt when copy or result does not verify.
    """
    if not (home / DATABASE_NAME).exists():
        raise LedgerAbsent(home)
    home = home.resolve()
    lock = Lock(home, run_id=run_id, now_ms=now_ms)
    try:
        path = home / DATABASE_NAME
        was = _version(path)
        if is_rehearsal:
            with tempfile.TemporaryDirectory(prefix="migrate-", dir=home) as folder:
                trial = Path(folder) / DATABASE_NAME
                backup(home, to=trial, with_fold=False, progress=progress)
                return _migrated(trial, was=was, copy=None, vfs=None)
        copy = None
        if was != SCHEMA_VERSION:
            copy = backup_before(home, what="migrate", now_ms=now_ms, progress=progress).path
        return _migrated(path, was=was, copy=copy, vfs=vfs)
    finally:
        lock.release()


def _migrated(path: Path, *, was: int, copy: Path | None, vfs: str | None) -> Migrated:
    due = tuple(step for step in STEPS if step.was >= was)
    if due:
        with _opened(path, vfs=vfs) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for step in due:
                for statement in step.statements:
                    connection.execute(statement)
                connection.pragma("user_version", step.was + 1)
            check_schema(connection)
            renew_snapshot(connection)
            connection.execute("COMMIT")
    verdict = verify_file(path)
    if not verdict.is_good:
        first = verdict.faults[0]
        raise LedgerCorrupt(first.seq, f"the migrated ledger does not verify: {first.what}")
    return Migrated(
        was=was,
        now=SCHEMA_VERSION,
        steps=tuple(step.what for step in due),
        backup=copy,
        head=verdict.head,
    )


def _version(path: Path) -> int:
    with _opened(path, vfs=None) as connection:
        if is_blank(connection):
            raise LedgerAbsent(path.parent)
        check_schema(connection, takes_older=True)
        return schema_version(connection)


@contextmanager
def _opened(path: Path, *, vfs: str | None) -> Iterator[apsw.Connection]:
    connection = open_writable(path, vfs=vfs)
    try:
        with faults_mapped():
            yield connection
    finally:
        connection.close(True)
