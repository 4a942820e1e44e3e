"""One writer: an OS lock beside the ledger [C-202].

`flock` is released by the kernel when its holder dies, however it dies. What the file says (pid,
since, run) is for the message only and never decides anything.
"""

import fcntl
import os
from pathlib import Path
from typing import Final, final

import msgspec

from bot.domain.ids import RunId
from ledger.errors import LedgerHeld, LedgerUnwritable

__all__ = ["LOCK_NAME", "Lock", "is_held"]

LOCK_NAME: Final = "ledger.lock"
_NOTE_BYTES_MAX: Final = 1_000


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    since_ms: int
    run_id: str


@final
class Lock:
    """A held lock. It ends with `release`, or with the process."""

    def __init__(self, home: Path, *, run_id: RunId, now_ms: int) -> None:
        """Take the lock at once or raise LedgerHeld; `now_ms` is wall-clock time.

        Raises LedgerUnwritable when the file cannot be made (read-only, no space, a symbolic link).
        """
        self._path = home / LOCK_NAME
        self._pid = os.getpid()
        try:
            self._file = os.open(self._path, _FLAGS, 0o600)
        except OSError as fault:
            raise LedgerUnwritable(f"{self._path} cannot be opened: {fault.strerror}") from fault
        if not _try(self._file):
            note = _read_note(self._file)
            os.close(self._file)
            raise LedgerHeld(
                pid=note.pid if note else None,
                since_ms=note.since_ms if note else None,
                run_id=note.run_id if note else None,
            )
        note_now = _Note(pid=self._pid, since_ms=now_ms, run_id=run_id)
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, msgspec.json.encode(note_now), 0)
        except OSError as fault:
            os.close(self._file)
            raise LedgerUnwritable(f"{self._path} cannot be written: {fault.strerror}") from fault

    def still_held(self) -> bool:
        """Say whether this process still holds the lock that others would meet.

        False when the file was deleted or replaced (others would lock a new one), when the lock was
        let go, or in a forked child, which shares the lock but must not use it.
        """
        if os.getpid() != self._pid or self._file < 0:
            return False
        try:
            probe = os.open(self._path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            ours, theirs = os.fstat(self._file), os.fstat(probe)
            is_same_file = (ours.st_dev, ours.st_ino) == (theirs.st_dev, theirs.st_ino)
            # Another open file of the same process conflicts too: success means nobody holds it.
            return is_same_file and not _try(probe)
        finally:
            os.close(probe)

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes lock two files."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


def _try(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_note(file: int) -> _Note | None:
    try:
        return msgspec.json.decode(os.pread(file, _NOTE_BYTES_MAX, 0), type=_Note)
    except (OSError, msgspec.MsgspecError):
        return None  # its holder has not written it yet


def is_held(home: Path) -> bool:
    """Say whether a process holds the lock now; asks the kernel, not the note in the file."""
    try:
        handle = os.open(home / LOCK_NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
