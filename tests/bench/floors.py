"""The physical floors, measured beside the subject in the same run (PERFORMANCE §3)."""

import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

__all__ = ["Barrier", "SocketWrite"]

_BLOCK: Final = 4_096
_BLOCKS: Final = 256


class Barrier:
    """`pwrite` of 4 KiB into a preallocated file and one `fdatasync`, on the ledger's disk."""

    def __init__(self, folder: Path) -> None:
        """Make and fill the file."""
        self._handle = os.open(folder / "floor.bin", os.O_RDWR | os.O_CREAT, 0o600)
        os.pwrite(self._handle, bytes(_BLOCK * _BLOCKS), 0)
        os.fsync(self._handle)
        self._block = os.urandom(_BLOCK)
        self._next = 0

    def once(self) -> float:
        """Return the seconds that one barrier takes."""
        offset = self._next % _BLOCKS * _BLOCK
        self._next += 1
        began = time.perf_counter()
        os.pwrite(self._handle, self._block, offset)
        os.fdatasync(self._handle)
        return time.perf_counter() - began

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        os.close(self._handle)


class SocketWrite:
    """One blocking `send` of an order's size on a loopback connection that somebody reads."""

    def __init__(self, size: int) -> None:
        """Connect; a thread reads what comes."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._ours = socket.create_connection(listener.getsockname())
        self._ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._theirs, _ = listener.accept()
        listener.close()
        self._bytes = bytes(size)
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        with suppress(OSError):  # hung up
            while self._theirs.recv(65_536):
                pass

    def once(self) -> float:
        """Return the seconds until the kernel has the bytes."""
        began = time.perf_counter()
        self._ours.sendall(self._bytes)
        return time.perf_counter() - began

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self._ours.close()
        self._theirs.close()
