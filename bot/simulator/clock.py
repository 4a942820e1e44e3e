"""Exchange time: the real one, or a recording's at a chosen speed."""

import time
from typing import final

__all__ = ["Clock", "wall_ms", "wall_us"]


def wall_ms() -> int:
    """Return the machine's time, ms since the epoch."""
    return time.time_ns() // 1_000_000


@final
class Clock:
    """Counts from a start at a speed, by the monotonic clock: steps of the wall do not matter."""

    def __init__(self, *, start_ms: int, speed: float) -> None:
        self._start_ms = start_ms
        self._speed = speed
        self._began_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        """Return exchange time in ms."""
        passed_ns = time.monotonic_ns() - self._began_ns
        return self._start_ms + int(passed_ns * self._speed) // 1_000_000


def wall_us() -> int:
    """Return the machine's time in microseconds: what `usIn` and `usOut` say."""
    return time.time_ns() // 1_000
