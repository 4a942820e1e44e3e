"""What the machine says of itself: room on the disk, the kernel's clock, the policy file."""

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, final

from bot.control.errors import UserError
from bot.domain.mode import Environment
from bot.engine.config import read_policy
from bot.monitors.observed import KernelClock, Machine
from bot.policy import policy_hash

__all__ = ["Look", "OsMachine", "kernel_clock"]

# The seam: look at the machine that a home is on. It may take long, and raises nothing.
Look = Callable[[Path, Environment], Machine]

_STA_UNSYNC: Final = 0x40  # linux/timex.h: no time service steers the clock
_TIME_ERROR: Final = 5


class _Timex(ctypes.Structure):
    """The kernel's `struct timex` (adjtimex(2)), of which only the head is read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),  # µs
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


@final
class OsMachine:
    """The real machine. The policy file is read again only when it is another file or time."""

    def __init__(self) -> None:
        """Begin without having looked."""
        self._seen: tuple[int, int, int] | None = None
        self._hash: str | None = None
        self._has_looked = False

    def __call__(self, home: Path, environment: Environment) -> Machine:
        """Look once. What cannot be told is None."""
        room = _room(home)
        return Machine(
            age_ms=0,
            bytes_free=None if room is None else room.f_bavail * room.f_frsize,
            # Some file systems have no table of files, and say 0 of 0.
            entries_free=None if room is None or room.f_files == 0 else room.f_favail,
            reserve_fault=None,
            kernel_clock=kernel_clock(),
            policy_hash=self._policy_hash(home, environment),
        )

    def _policy_hash(self, home: Path, environment: Environment) -> str | None:
        """Return the hash of what a start would read now. Reading takes a while, a look not."""
        seen = _file_of(home / "config" / "trading_policy.yaml")
        if self._has_looked and seen == self._seen:
            return self._hash
        try:
            self._hash = policy_hash(read_policy(home, environment))
        except (UserError, OSError):
            self._hash = None
        self._seen, self._has_looked = seen, True
        return self._hash


def kernel_clock() -> KernelClock | None:
    """Ask the kernel about its clock, changing nothing; None where it does not tell (not Linux)."""
    if sys.platform != "linux":
        return None
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    told = _Timex(modes=0)
    state = adjtimex(ctypes.byref(told))
    if state < 0:
        return None
    is_synced = state != _TIME_ERROR and not told.status & _STA_UNSYNC
    return KernelClock(is_synced=is_synced, error_ms=-(-told.maxerror // 1000))


def _room(home: Path) -> os.statvfs_result | None:
    try:
        return os.statvfs(home)
    except OSError:
        return None


def _file_of(path: Path) -> tuple[int, int, int] | None:
    """Tell a file's content apart without reading it; None when there is none in the home."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
