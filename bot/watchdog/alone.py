"""One watchdog a home: two would spend one account's credits on the same cancels."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

__all__ = ["AnotherWatchesError", "alone", "is_watched"]

_TRIES: Final = 10
_AGAIN_S: Final = 0.05  # who only asks whether it is held, holds it for a moment


class AnotherWatchesError(Exception):
    """Another watchdog holds the lock; its text is that one's process id."""


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the home's watchdog lock; the kernel lets it go when we die, however we die.

    Raises AnotherWatchesError, and OSError when the home cannot be used.
    """
    path = _path(home)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        if not any(_takes(file, again_s=_AGAIN_S) for _ in range(_TRIES)):
            holder = file.read(32).decode("ascii", "replace").strip()
            raise AnotherWatchesError(holder or "unknown")
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        yield


def is_watched(home: Path) -> bool:
    """Say whether a watchdog holds this home's lock now."""
    try:
        with _path(home).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _path(home: Path) -> Path:
    return home / "run" / "watchdog.lock"


def _takes(file: IO[bytes], *, again_s: float) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(again_s)
        return False
    return True
