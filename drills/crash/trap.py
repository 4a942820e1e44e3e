"""The trap: counts passings of one spot, and at the drawn one the process is gone.

SIGKILL to oneself: no handler, no flush, no farewell; what the kernel has been handed stays.
"""

import os
import signal
from typing import Final, NoReturn, final

import msgspec

__all__ = ["Set", "Trap"]


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """How the trap of one cycle is set.

    `passing` counts from 1; `share` (0 to 1) says how much of a torn frame leaves.
    """

    spot: str
    passing: int
    share: float


@final
class Trap:
    """Springs once. Each spot is passed in one thread only, so that the count needs no lock."""

    def __init__(self, set_: Set | None, *, tell: int) -> None:
        """Set it; None never springs. `tell` is a file descriptor that hears of it."""
        self._set: Final = set_
        self._left = set_.passing if set_ is not None else 0
        self._tell = tell

    @property
    def is_set(self) -> bool:
        """False for a run that is to live."""
        return self._set is not None

    @property
    def share(self) -> float:
        """How much of a torn frame leaves."""
        return self._set.share if self._set is not None else 1.0

    def waits_at(self, spot: str) -> bool:
        """Say whether this is the spot of the cycle."""
        return self._set is not None and self._set.spot == spot

    def is_next(self, spot: str) -> bool:
        """Count a passing without springing; True when this one is the drawn one."""
        if not self.waits_at(spot):
            return False
        self._left -= 1
        return self._left == 0

    def passing(self, spot: str) -> None:
        """Count a passing; end the process when it is the drawn one."""
        if self.is_next(spot):
            self.spring()

    def spring(self) -> NoReturn:
        """End the process at once."""
        os.write(self._tell, b"sprung")
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive after SIGKILL")
