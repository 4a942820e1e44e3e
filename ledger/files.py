"""The file seam beside SQLite's own: what the reserve writes, and its barrier (DESIGN §8)."""

import fcntl
import os
from typing import Final, Protocol, final

__all__ = ["OS_FILES", "Files"]


class Files(Protocol):
    """Writes to an open file. Errors are OSError, as the operating system gives them."""

    def pwrite(self, handle: int, content: memoryview, at: int) -> int:
        """Write at an offset; return how many bytes were taken."""
        ...

    def barrier(self, handle: int) -> None:
        """Return once all that was written is durable."""
        ...


@final
class _OsFiles:
    def pwrite(self, handle: int, content: memoryview, at: int) -> int:
        return os.pwrite(handle, content, at)

    def barrier(self, handle: int) -> None:
        full = getattr(fcntl, "F_FULLFSYNC", None)  # where fsync alone stops at the drive's cache
        if full is not None:
            fcntl.fcntl(handle, full)
        else:
            os.fdatasync(handle)


OS_FILES: Final[Files] = _OsFiles()
