"""The world's clocks: one true time, and what each machine takes it for."""

from dataclasses import dataclass, field
from typing import Final, final

from trio.testing import MockClock

__all__ = ["START_MS", "HostClock", "TrueClock"]

START_MS: Final = 1_767_250_800_000  # 2026-01-01 07:00 UTC: an expiry comes in the first hours


@final
class TrueClock:
    """True time. It runs with the scheduler's, and further while the engine's machine is asleep."""

    def __init__(self, clock: MockClock, *, start_ms: int) -> None:
        """Begin at `start_ms`."""
        self._clock = clock
        self._start_ms = start_ms
        self._slept_ms = 0
        self.venue_step_ms = 0

    def now_ms(self) -> int:
        """Return ms since the epoch."""
        return self._start_ms + self._slept_ms + int(self._clock.current_time() * 1_000)

    def now_us(self) -> int:
        """Return microseconds since the epoch."""
        return self.now_ms() * 1_000

    def venue_ms(self) -> int:
        """Return what the venue takes for the time."""
        return self.now_ms() + self.venue_step_ms

    def sleep(self, seconds: float) -> None:
        """Let true time go on while every timer of the run stands still: a machine suspended."""
        self._slept_ms += int(seconds * 1_000)

    def stall(self, seconds: float) -> None:
        """Let time go on for all while nobody gets a turn: a process stopped and continued."""
        self._clock.jump(seconds)

    @property
    def slept_ms(self) -> int:
        """How long the engine's machine has been asleep in all."""
        return self._slept_ms


@final
@dataclass(slots=True)
class HostClock:
    """The engine's machine: implements the clock seam.

    Its monotonic clock drifts and does not count sleep; its wall clock is read once, at a start.
    """

    true: TrueClock
    drift_ppm: float = 0.0
    step_ms: int = 0  # of the wall clock, as somebody set it
    _began_ms: int = field(default=0)
    _wall_ms: int = field(default=0)

    def __post_init__(self) -> None:
        """Read the wall clock, as a process does when it starts."""
        self._began_ms = self.mono_ms()
        self._wall_ms = self.true.now_ms() + self.step_ms

    def now_ms(self) -> int:
        """Return local time."""
        return self._wall_ms + self.mono_ms() - self._began_ms

    def mono_ms(self) -> int:
        """Return the machine's monotonic time."""
        passed = self.true.now_ms() - START_MS - self.true.slept_ms
        return int(passed * (1.0 + self.drift_ppm / 1e6))
