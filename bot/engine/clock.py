"""The clock seam: local time that only ever runs forward, and venue time by a measured offset.

Local time is the wall clock once, at the start, and the monotonic clock from then on, so that a
step of the wall clock moves nothing [C-507]. On a recording it runs at the recording's speed, from
the moment the exchange named.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, final

__all__ = ["Clock", "LocalClock", "Sample", "VenueClock"]

_SAMPLES: Final = 12
_GATEWAYS_MS: Final = 200  # between the clocks of two of the venue's gateways, at most


class Clock(Protocol):
    """The seam: the one source of time that the engine has."""

    def now_ms(self) -> int:
        """Return local time: ms since the epoch by this machine, never stepping."""
        ...

    def mono_ms(self) -> int:
        """Return monotonic ms: what deadlines for people run on."""
        ...


@final
class LocalClock:
    """Milliseconds since the epoch, running at `speed` times the monotonic clock."""

    def __init__(self, *, speed: float, start_ms: int | None = None) -> None:
        """Start now; at `start_ms` where a recording's time counts, else at the wall clock."""
        self._speed = speed
        self._mono_ns = time.monotonic_ns()
        self._start_ms = time.time_ns() // 1_000_000 if start_ms is None else start_ms

    def now_ms(self) -> int:
        """Return local time."""
        elapsed_ms = (time.monotonic_ns() - self._mono_ns) / 1_000_000
        return self._start_ms + int(elapsed_ms * self._speed)

    def mono_ms(self) -> int:
        """Return the machine's monotonic time: what deadlines for people run on."""
        return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One comparison: venue minus local time, known to within `bound_ms`."""

    offset_ms: int
    bound_ms: int


@final
class VenueClock:
    """Local time plus the offset of the tightest of the last samples.

    A sample that cannot be true together with them says that a clock has jumped, or that this one
    answer is wrong. The next sample tells which; until then the bound covers both, which shuts
    opens, and no fence is set by the newcomer alone [C-208, C-507].
    """

    def __init__(self, local: Clock) -> None:
        """Begin without an offset: venue time is local time until the first sample."""
        self._local = local
        self._samples: deque[Sample] = deque(maxlen=_SAMPLES)
        self._best = Sample(offset_ms=0, bound_ms=0)
        self._doubted: Sample | None = None  # what contradicts the others, unconfirmed

    def now_ms(self) -> int:
        """Return venue time by our best estimate."""
        return self._local.now_ms() + self._best.offset_ms

    def local_ms(self) -> int:
        """Return local time."""
        return self._local.now_ms()

    def mono_ms(self) -> int:
        """Return the local clock's monotonic ms."""
        return self._local.mono_ms()

    @property
    def is_settled(self) -> bool:
        """True when at least two samples agree, and the last is none that contradicts them."""
        return len(self._samples) > 1 and self._doubted is None

    def take(self, *, asked_ms: int, answered_ms: int, venue_ms: int) -> Sample:
        """Take a round trip in local time around the venue's own; return what is believed now.

        The venue's moment lies somewhere within the trip, so that half of it bounds the error.
        """
        half = (answered_ms - asked_ms + 1) // 2
        offset = venue_ms - (asked_ms + answered_ms) // 2
        sample = Sample(offset_ms=offset, bound_ms=half + 1)
        if self._samples and not _can_agree(sample, self._best):
            if self._doubted is None or not _can_agree(sample, self._doubted):
                self._doubted = sample
                away_ms = abs(sample.offset_ms - self._best.offset_ms)
                return Sample(self._best.offset_ms, bound_ms=away_ms + sample.bound_ms)
            # Twice the same: a clock has jumped, as after a suspend. What was measured before it
            # says nothing any more.
            self._samples.clear()
            self._samples.append(self._doubted)
        self._doubted = None
        self._samples.append(sample)
        self._best = min(self._samples, key=lambda sample: sample.bound_ms)
        return _covering(self._best, self._samples)


def _covering(best: Sample, others: Iterable[Sample]) -> Sample:
    """Widen a sample's bound until it is true together with the others: the venue has gateways,
    and their clocks are not one.
    """
    apart_ms = max(abs(other.offset_ms - best.offset_ms) - other.bound_ms for other in others)
    return Sample(best.offset_ms, bound_ms=max(best.bound_ms, apart_ms))


def _can_agree(one: Sample, other: Sample) -> bool:
    """Say whether both can be true of one pair of clocks, gateways a little apart included."""
    return abs(one.offset_ms - other.offset_ms) <= one.bound_ms + other.bound_ms + _GATEWAYS_MS
