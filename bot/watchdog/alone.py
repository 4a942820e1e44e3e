"""One watchdog a home: two would spend one account's credits on the same cancels."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["AnotherWatchesError", "alone"]


class AnotherWatchesError(Exception):
    """Another watchdog holds the lock; its text is that one's process id."""


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the home's watchdog lock; the kernel lets it go when we die, however we die.

    Raises AnotherWatchesError, and OSError when the home cannot be used.
    """
    path = home / "run" / "watchdog.lock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read(32).decode("ascii", "replace").strip()
            raise AnotherWatchesError(holder or "unknown") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        yield
