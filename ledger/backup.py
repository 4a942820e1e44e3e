"""A copy of the ledger that stands alone, taken while the engine runs, and proven before it counts.

SQLite's own backup copies pages under one read transaction, so the copy is one moment's ledger.
It is written under another name and takes its own only after verification [C-211].
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import apsw

from ledger.chain import Head
from ledger.connection import DATABASE_NAME, faults_mapped, open_read_only
from ledger.errors import InTheWay, LedgerAbsent, LedgerCorrupt, LedgerUnwritable
from ledger.journal import last_seq, read_meta, row_at
from ledger.progress import Progress, unwatched
from ledger.schema import check_schema, is_blank
from ledger.verify import Verdict, verify_file

__all__ = ["BACKUPS_NAME", "Copied", "backup", "backup_before", "copy_file", "sync_folder"]

BACKUPS_NAME: Final = "backups"
STEP_PAGES: Final = 1_024  # 4 MiB between two looks at who watches


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A verified copy: where it is, up to which record, how large."""

    path: Path
    head: Head
    records: int
    bytes: int


def backup(
    home: Path,
    *,
    to: Path,
    is_rehearsal: bool = False,
    with_fold: bool = True,
    progress: Progress = unwatched,
) -> Copied:
    """Copy the ledger in `home` to a file that does not exist yet, and verify the copy.

    A rehearsal makes and verifies it, and then removes it. Without the fold, snapshots are not
    compared: before they are made anew. Raises LedgerAbsent, InTheWay,
    LedgerNewer, LedgerUnwritable, and LedgerCorrupt when the copy does not verify: then there is
    none.
    """
    source = home / DATABASE_NAME
    if not source.exists():
        raise LedgerAbsent(home)
    return copy_file(
        source, to=to, is_rehearsal=is_rehearsal, with_fold=with_fold, progress=progress
    )


def backup_before(home: Path, *, what: str, now_ms: int, progress: Progress = unwatched) -> Copied:
    """Copy the ledger into its home's own folder of backups, before its snapshots are made anew."""
    folder = home / BACKUPS_NAME
    with _disk_mapped(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    to = folder / f"ledger-before-{what}-{now_ms}.db"
    return backup(home, to=to, with_fold=False, progress=progress)


def copy_file(
    source: Path, *, to: Path, is_rehearsal: bool, with_fold: bool, progress: Progress
) -> Copied:
    """Copy one ledger file, see `backup`; the source may be a live ledger or a copy."""
    making = to.with_name(f"{to.name}.making")
    with _disk_mapped(to):
        if to.exists() or to.is_symlink():
            raise InTheWay(to)
        making.unlink(missing_ok=True)
        os.close(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    try:
        with faults_mapped():
            head = _copy(source, making, progress)
        verdict = verify_file(making, known=head, with_fold=with_fold)
        _require_good(verdict)
        size = making.stat().st_size
        if not is_rehearsal:
            with _disk_mapped(to):
                _sync(making)
                making.rename(to)
                sync_folder(to.parent)
    finally:
        for left in (making, *(Path(f"{making}{end}") for end in ("-journal", "-wal", "-shm"))):
            with suppress(OSError):
                left.unlink()
    return Copied(path=to, head=verdict.head, records=verdict.records, bytes=size)


def sync_folder(folder: Path) -> None:
    """Make a new name in it durable. Raises OSError."""
    _sync(folder, flags=os.O_DIRECTORY)


def _copy(source: Path, making: Path, progress: Progress) -> Head:
    connection = open_read_only(source.resolve())
    try:
        connection.execute("BEGIN")
        if is_blank(connection):
            raise LedgerAbsent(source.parent)
        check_schema(connection, takes_older=True)
        row = row_at(connection, last_seq(connection))  # from here on, one moment
        head = read_meta(connection).start if row is None else Head(row.seq, row.hash.hex())
        target = apsw.Connection(
            str(making), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_NOFOLLOW
        )
        try:
            with target.backup("main", connection, "main") as copying:
                while not copying.done:
                    copying.step(STEP_PAGES)
                    progress(copying.page_count - copying.remaining, copying.page_count)
            target.pragma("journal_mode", "delete")  # one file, readable from anywhere
        finally:
            target.close(True)
    finally:
        connection.close(True)
    return head


def _require_good(verdict: Verdict) -> None:
    if not verdict.is_good:
        first = verdict.faults[0]
        raise LedgerCorrupt(first.seq, f"the copy does not verify: {first.what}")


def _sync(path: Path, *, flags: int = 0) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk_mapped(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise LedgerUnwritable(f"{path} cannot be written: {fault.strerror}") from fault
