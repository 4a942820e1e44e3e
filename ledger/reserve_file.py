"""The reserve file itself: space taken in advance beside the ledger, written in place [C-212].

Its blocks are there from the ledger's opening on, so that a full disk cannot refuse them. It has a
lock of its own: whoever takes the ledger's lock away from a living engine does not get this too.
"""

import fcntl
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Self, final

from bot.intent.intent import Owner
from ledger.chain import framed
from ledger.errors import LedgerCorrupt, LedgerHeld, LedgerUnwritable
from ledger.files import Files
from ledger.frame import SECTOR_BYTES, Frame, frames_in

__all__ = ["FRAMES_START", "RESERVE_BYTES", "RESERVE_NAME", "ReserveFile", "read_frames"]

RESERVE_NAME: Final = "ledger.reserve"
RESERVE_BYTES: Final = 1024 * 1024
RESERVE_BYTES_MAX: Final = 64 * 1024 * 1024
FRAMES_START: Final = 4_096
_MAKING_NAME: Final = "ledger.reserve.new"
_FLAGS: Final = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


@final
class ReserveFile:
    """An open reserve file that this process holds. Errors of the disk are LedgerUnwritable."""

    def __init__(self, handle: int, *, path: Path, size: int, files: Files) -> None:
        """Take over an open and locked file."""
        self._handle = handle
        self._files = files
        self._path = path
        self.size = size
        found = os.fstat(handle)
        self._identity = (found.st_dev, found.st_ino)

    @classmethod
    def opened(cls, home: Path, *, owner: Owner, size: int, files: Files) -> Self:
        """Open the file of this ledger, or make it with `size` bytes.

        Raises LedgerHeld, LedgerCorrupt for another ledger's, and LedgerUnwritable.
        """
        if not FRAMES_START + SECTOR_BYTES <= size <= RESERVE_BYTES_MAX:
            raise ValueError(f"a reserve of {size} bytes; at most {RESERVE_BYTES_MAX}")
        path = home / RESERVE_NAME
        handle = -1
        try:
            if not path.exists():
                handle = _made(home, header=_header(owner), size=size, files=files)
            else:
                handle = os.open(path, _FLAGS)
                _lock(handle)
                _require_header(os.pread(handle, FRAMES_START, 0), owner)
            size = max(size, os.fstat(handle).st_size)
            return cls(handle, path=path, size=size, files=files)
        except OSError as fault:
            _close(handle)
            raise LedgerUnwritable(f"{path} cannot be used: {fault.strerror}") from fault
        except BaseException:
            _close(handle)
            raise

    def is_in_place(self) -> bool:
        """Say whether the file is still where the next opening looks for it."""
        try:
            found = self._path.lstat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._identity

    def is_whole(self) -> bool:
        """Say whether it is in its place, in its full size."""
        try:
            found = self._path.lstat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._identity and found.st_size >= self.size

    def content(self) -> bytes:
        """Return all of it. Raises LedgerUnwritable."""
        try:
            return _all_of(self._handle)
        except OSError as fault:
            raise LedgerUnwritable(f"{RESERVE_NAME} cannot be read: {fault.strerror}") from fault

    def write(self, content: bytes, *, at: int) -> None:
        """Write and return only after the barrier. Raises LedgerUnwritable: then it is unknown."""
        try:
            _write(self._files, self._handle, content, at=at)
            self._files.barrier(self._handle)
        except OSError as fault:
            raise LedgerUnwritable(f"{RESERVE_NAME} cannot be written: {fault.strerror}") from fault

    def clear(self) -> None:
        """Forget all frames, once they are durable elsewhere. A crash half-way harms nothing."""
        self.write(bytes(self.size - FRAMES_START), at=FRAMES_START)

    def close(self) -> None:
        """Let it go, and its lock; twice is harmless."""
        _close(self._handle)
        self._handle = -1


def read_frames(home: Path) -> tuple[Frame, ...]:
    """Read what waits in a reserve file without its lock; nothing when there is no file.

    Raises LedgerCorrupt, LedgerNewer and LedgerUnwritable.
    """
    try:
        handle = os.open(home / RESERVE_NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return ()
    except OSError as fault:
        raise LedgerUnwritable(f"{home / RESERVE_NAME}: {fault.strerror}") from fault
    try:
        return frames_in(_all_of(handle), start=FRAMES_START)
    except OSError as fault:
        raise LedgerUnwritable(f"{home / RESERVE_NAME}: {fault.strerror}") from fault
    finally:
        os.close(handle)


def _made(home: Path, *, header: bytes, size: int, files: Files) -> int:
    """Make it under another name first: one that is half made is never met."""
    making = home / _MAKING_NAME
    handle = os.open(making, _FLAGS | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _lock(handle)
        # Written and not only asked for: a block that was never written may still need room.
        _write(files, handle, header + bytes(size - len(header)), at=0)
        files.barrier(handle)
        making.rename(home / RESERVE_NAME)
        folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except BaseException:
        os.close(handle)
        with suppress(OSError):
            making.unlink()
        raise
    return handle


def _header(owner: Owner) -> bytes:
    fields = framed("bot.reserve/1", owner.environment.value, owner.account, owner.ledger)
    if len(fields) > FRAMES_START - 64:
        raise ValueError("the owner's names are too long for the reserve file")
    text = len(fields).to_bytes(4, "big") + fields
    content = text + hashlib.sha256(text).digest()
    return content + bytes(FRAMES_START - len(content))


def _require_header(header: bytes, owner: Owner) -> None:
    length = int.from_bytes(header[:4], "big")
    text, digest = header[: 4 + length], header[4 + length : 4 + length + 32]
    if hashlib.sha256(text).digest() != digest:
        raise LedgerCorrupt(0, "the reserve file's head is not what its hash says")
    if header != _header(owner):
        raise LedgerCorrupt(0, f"the reserve file belongs to another ledger than {owner.ledger}")


def _lock(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LedgerHeld(pid=None) from None


def _write(files: Files, handle: int, content: bytes, *, at: int) -> None:
    view = memoryview(content)
    while view:
        written = files.pwrite(handle, view, at)
        view, at = view[written:], at + written


def _all_of(handle: int) -> bytes:
    size = min(os.fstat(handle).st_size, RESERVE_BYTES_MAX)
    parts: list[bytes] = []
    at = 0
    while at < size and (part := os.pread(handle, size - at, at)):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _close(handle: int) -> None:
    if handle >= 0:
        os.close(handle)
