"""Putting a verified copy back, into a home without a ledger [C-211].

The copy is proven before and after. A reserve file that the lost ledger left in the home is
appended: what it holds was acknowledged, and may be newer than the copy.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import final

from bot.domain.ids import RunId
from ledger.backup import copy_file
from ledger.chain import Head
from ledger.connection import DATABASE_NAME, faults_mapped, open_read_only
from ledger.errors import InTheWay, LedgerAbsent, LedgerOlder, LedgerUnwritable
from ledger.fold_in import FoldedIn
from ledger.journal import Meta, read_meta
from ledger.lock import Lock
from ledger.open import open_ledger
from ledger.progress import Progress, unwatched
from ledger.reserve_file import read_frames
from ledger.schema import SCHEMA_VERSION, check_schema, schema_version

__all__ = ["Restored", "restore"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What is in the home now: up to which record, and what the reserve file added."""

    head: Head
    records: int
    bytes: int
    folded_in: FoldedIn | None


def restore(
    source: Path,
    *,
    home: Path,
    run_id: RunId,
    now_ms: int,
    is_rehearsal: bool,
    progress: Progress = unwatched,
) -> Restored:
    """Copy `source` to be the ledger of `home`, which must have none; a rehearsal removes it again.

    Everything that happened after the copy is not in it: the engine must reconcile before it opens
    anything. Raises InTheWay, LedgerAbsent for a missing source, LedgerOlder when a reserve file
    waits for an older schema's copy, and what `open_ledger` raises.
    """
    if not source.is_file():
        raise LedgerAbsent(source.parent)
    meta, version = _meta(source)
    waits = bool(read_frames(home))
    if waits and version != SCHEMA_VERSION:
        raise LedgerOlder(was=version, known=SCHEMA_VERSION)
    _make(home)
    path = home / DATABASE_NAME
    lock = Lock(home, run_id=run_id, now_ms=now_ms)
    try:
        for name in (path, home / f"{DATABASE_NAME}-wal", home / f"{DATABASE_NAME}-shm"):
            if name.exists() or name.is_symlink():
                raise InTheWay(name)
        # The next opening passes over what another version folded: old copies must fit too.
        copied = copy_file(
            source,
            to=path,
            is_rehearsal=is_rehearsal,
            with_fold=version == SCHEMA_VERSION,
            progress=progress,
        )
    finally:
        lock.release()
    head, folded_in = copied.head, None
    if waits and not is_rehearsal:
        with open_ledger(
            home,
            environment=meta.owner.environment,
            account=meta.owner.account,
            run_id=run_id,
            now_ms=now_ms,
            create=False,
            is_restored=True,
        ) as ledger:
            head, folded_in = ledger.head, ledger.folded_in
    return Restored(head=head, records=copied.records, bytes=copied.bytes, folded_in=folded_in)


def _meta(source: Path) -> tuple[Meta, int]:
    connection = open_read_only(source.resolve())
    try:
        with faults_mapped():
            check_schema(connection, takes_older=True)
            return read_meta(connection), schema_version(connection)
    finally:
        connection.close(True)


def _make(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise LedgerUnwritable(f"{home} cannot be used: {fault.strerror}") from fault
