"""Fold the journal from its first record, and put the result in place of every snapshot [C-203]."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import final

import apsw

from bot.core.durable import encode_state
from bot.domain.ids import RunId
from ledger.backup import backup_before
from ledger.chain import Head
from ledger.connection import DATABASE_NAME, faults_mapped, open_writable
from ledger.errors import LedgerAbsent
from ledger.fold import Folded, fold, fold_from_zero
from ledger.journal import last_seq, read_meta
from ledger.lock import Lock
from ledger.progress import Progress, unwatched
from ledger.schema import check_schema, is_blank
from ledger.snapshot import drop_snapshots, write_snapshot

__all__ = ["Rebuilt", "rebuild", "renew_snapshot"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The state's SHA-256 (lower-case hex) as an opening would have had it, and from zero."""

    head: Head
    before: str
    after: str
    backup: Path | None  # the copy from before; None for a rehearsal

    @property
    def is_same(self) -> bool:
        """True when the snapshots told the truth, byte for byte."""
        return self.before == self.after


def rebuild(
    home: Path,
    *,
    run_id: RunId,
    now_ms: int,
    is_rehearsal: bool,
    progress: Progress = unwatched,
) -> Rebuilt:
    """Drop the snapshots and make one from the journal alone; a rehearsal compares and writes not.

    Takes the lock: no engine may run. The journal itself is never touched, and a verified copy of
    the ledger is taken first. Raises what `open_ledger` and `backup` raise.
    """
    if not (home / DATABASE_NAME).exists():
        raise LedgerAbsent(home)
    home = home.resolve()
    lock = Lock(home, run_id=run_id, now_ms=now_ms)
    try:
        connection = open_writable(home / DATABASE_NAME, vfs=None)
        try:
            with faults_mapped():
                if is_blank(connection):
                    raise LedgerAbsent(home)
                check_schema(connection)
                meta = read_meta(connection)
                before = fold(connection, meta)
                copy = None
                if not is_rehearsal:
                    copy = backup_before(home, what="rebuild", now_ms=now_ms, progress=progress)
                    connection.execute("BEGIN IMMEDIATE")
                    after = renew_snapshot(connection)
                    connection.execute("COMMIT")
                else:
                    after = fold_from_zero(connection, meta, to=last_seq(connection))
        finally:
            connection.close(True)
    finally:
        lock.release()
    return Rebuilt(
        head=after.head,
        before=hashlib.sha256(encode_state(before.state)).hexdigest(),
        after=hashlib.sha256(encode_state(after.state)).hexdigest(),
        backup=copy.path if copy else None,
    )


def renew_snapshot(connection: apsw.Connection) -> Folded:
    """Put what the journal folds to from zero in place of all snapshots.

    In the caller's transaction. Raises LedgerCorrupt.
    """
    after = fold_from_zero(connection, read_meta(connection), to=last_seq(connection))
    drop_snapshots(connection)
    if after.head.seq:
        write_snapshot(connection, after.state, head=after.head)
    return after
