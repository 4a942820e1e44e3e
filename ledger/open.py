"""Opening a ledger to write: lock, version, bounded check, chain and fold of the tail [C-210].

The order is DESIGN §6's. Whatever is wrong is said by its type, and nothing is repaired by itself:
marking what was in flight as UNKNOWN is the fold of the next run's first record.
"""

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from bot.domain.ids import AccountId, LedgerId, RunId
from bot.domain.mode import Environment
from bot.intent.intent import Owner
from ledger.connection import DATABASE_NAME, faults_mapped, open_writable
from ledger.errors import LedgerAbsent, LedgerCorrupt, LedgerUnwritable, WrongLedger
from ledger.files import OS_FILES, Files
from ledger.fold import fold
from ledger.journal import Meta, read_meta, write_meta
from ledger.ledger import Ledger
from ledger.lock import Lock
from ledger.reserve_file import RESERVE_BYTES, RESERVE_NAME, ReserveFile
from ledger.schema import check_schema, is_blank, make_schema

__all__ = ["fresh_ledger_id", "open_ledger"]

# By the clock, since a cold disk and not the steps is what takes long: 41 s were seen for 2 GB.
QUICK_CHECK_S: Final = 2.0  # `verify` checks without a bound
_TURN_STEPS: Final = 1_000
_BUSY_MS: Final = 100  # once open, only a reader can be in the way, and only of a checkpoint


def open_ledger(
    home: Path,
    *,
    environment: Environment,
    account: AccountId,
    run_id: RunId,
    now_ms: int,
    create: bool,
    ledger_id: LedgerId | None = None,
    vfs: str | None = None,
    files: Files = OS_FILES,
    mono_s: Callable[[], float] = time.monotonic,
    reserve_bytes: int = RESERVE_BYTES,
    is_restored: bool = False,
) -> Ledger:
    """Open the ledger in `home`, or make it when there is none and `create` says so.

    `now_ms` is wall-clock time. `ledger_id` is for a new ledger only: 32 hex digits, drawn here
    when None. `vfs`, `files` and `mono_s` (monotonic seconds, for a bounded check) are the seams of
    DESIGN §8.
    What waits in the reserve file is appended before this returns, see `Ledger.folded_in`; it must
    go on from a record that is here, unless the ledger was restored from a copy just now.
    Raises LedgerAbsent, LedgerHeld, WrongLedger, LedgerCorrupt, LedgerNewer, LedgerOlder,
    LedgerUnwritable.
    """
    home = _home(home, create=create)
    path = home / DATABASE_NAME
    if not create and not path.exists():
        raise LedgerAbsent(home)
    lock = Lock(home, run_id=run_id, now_ms=now_ms)
    try:
        if not path.exists():
            _require_newborn(home)
            _make_file(path)
        connection = open_writable(path, vfs=vfs)
        try:
            owner = Owner(
                environment=environment, account=account, ledger=ledger_id or fresh_ledger_id()
            )
            with faults_mapped():
                return _opened(
                    connection,
                    path=path,
                    lock=lock,
                    newborn=Meta(owner=owner, created_ms=now_ms) if create else None,
                    environment=environment,
                    account=account,
                    run_id=run_id,
                    now_ms=now_ms,
                    files=files,
                    mono_s=mono_s,
                    reserve_bytes=reserve_bytes,
                    is_restored=is_restored,
                )
        except BaseException:
            connection.close(True)
            raise
    except BaseException:
        lock.release()
        raise


def fresh_ledger_id() -> LedgerId:
    """Draw an id that no other ledger has: labels begin with it [C-103]."""
    return LedgerId(secrets.token_hex(16))


def _opened(
    connection: apsw.Connection,
    *,
    path: Path,
    lock: Lock,
    newborn: Meta | None,
    environment: Environment,
    account: AccountId,
    run_id: RunId,
    now_ms: int,
    files: Files,
    mono_s: Callable[[], float],
    reserve_bytes: int,
    is_restored: bool,
) -> Ledger:
    if is_blank(connection):
        if newborn is None:
            raise LedgerAbsent(path.parent)
        _require_newborn(path.parent)
        connection.execute("BEGIN IMMEDIATE")
        make_schema(connection)
        write_meta(connection, newborn)
        connection.execute("COMMIT")
    check_schema(connection)
    meta = read_meta(connection)
    _match("environment", meta.owner.environment.value, environment.value)
    _match("account", meta.owner.account, account)
    _quick_check(connection, mono_s=mono_s)
    folded = fold(connection, meta)
    connection.pragma("busy_timeout", _BUSY_MS)
    reserve = ReserveFile.opened(path.parent, owner=meta.owner, size=reserve_bytes, files=files)
    try:
        ledger = Ledger(connection, path=path, meta=meta, folded=folded, lock=lock, reserve=reserve)
        ledger.fold_in(run_id=run_id, now_ms=now_ms, is_shorter=is_restored)
    except BaseException:
        reserve.close()
        raise
    return ledger


def _require_newborn(home: Path) -> None:
    """Refuse to begin anew where a ledger has been: what it knew of orders in flight is missing.

    The reserve file is made after the ledger, so its presence without one means a loss.
    """
    if (home / RESERVE_NAME).exists():
        raise LedgerCorrupt(
            0, f"the database is gone; {RESERVE_NAME} says that there was a ledger here"
        )


def _match(what: str, was: str, wanted: str) -> None:
    if was != wanted:
        raise WrongLedger(what=what, was=was, wanted=wanted)


def _quick_check(connection: apsw.Connection, *, mono_s: Callable[[], float]) -> None:
    """Look for damage, for a bounded time: the chain and `verify` find what this leaves."""
    deadline_s = mono_s() + QUICK_CHECK_S

    def is_enough() -> bool:
        return mono_s() > deadline_s

    connection.set_progress_handler(is_enough, _TURN_STEPS)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchall()
    except apsw.InterruptError:
        return
    finally:
        connection.set_progress_handler(None)
    if found != [("ok",)]:
        raise LedgerCorrupt(0, f"the database is damaged: {found[0][0]}")


def _home(home: Path, *, create: bool) -> Path:
    try:
        if create:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not home.is_dir():
            raise LedgerAbsent(home)
        return home.resolve(strict=True)
    except OSError as fault:
        raise LedgerUnwritable(f"{home} cannot be used: {fault.strerror}") from fault


def _make_file(path: Path) -> None:
    """Make the file ourselves: private from its first moment, and its name durable."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as fault:
        raise LedgerUnwritable(f"{path} cannot be made: {fault.strerror}") from fault
