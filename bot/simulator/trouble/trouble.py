"""When faults strike: each by its own stream of the seed, in exchange time.

A site asks `take` (strikes once) or `stands` (for a span) where it would do the harm, and does it
when told yes. So a fault is counted when it has happened to something, and never for having been
planned; a span counts once.
"""

import random
from collections import Counter, deque
from typing import Final, final

from bot.simulator.trouble.fault import FAULTS
from bot.simulator.trouble.plan import Plan

__all__ = ["Trouble"]

_HOUR_MS: Final = 3_600_000


@final
class Trouble:
    """The faults of one exchange. Without rates nothing ever goes wrong."""

    def __init__(self, plan: Plan) -> None:
        """Draw each fault's first moment when time is first told. Raises KeyError for a name."""
        for name in (*plan.rates, *(scripted for _, scripted in plan.at_ms)):
            FAULTS[name]
        self.injected: Counter[str] = Counter()
        self._rates = {name: rate for name, rate in sorted(plan.rates.items()) if rate > 0.0}
        self._draws = {name: random.Random(f"{plan.seed}/{name}") for name in FAULTS}  # noqa: S311
        self._script = deque(sorted(plan.at_ms))
        self._start_ms: int | None = None
        self._due_ms: dict[str, int] = {}
        self._next_ms = 0
        self._armed: set[str] = set()
        self._until_ms: dict[str, int] = {}
        self._uncounted: set[str] = set()  # spans that have done no harm yet
        self._now_ms = 0
        self.heals = 0  # how often: what has been left to be undone is undone when it grows

    @property
    def is_quiet(self) -> bool:
        """True when nothing can go wrong now: all is as if there were no trouble at all."""
        return not self._armed and all(end <= self._now_ms for end in self._until_ms.values())

    def pass_time(self, now_ms: int) -> None:
        """Arm what has become due; end what has stood its time."""
        self._now_ms = now_ms
        if self._start_ms is None:
            self._start_ms = now_ms
        while self._script and now_ms - self._start_ms >= self._script[0][0]:
            self.strike(self._script.popleft()[1])
        if now_ms < self._next_ms or not self._rates:
            return
        for name in self._rates:
            due_ms = self._due_ms.get(name)
            if due_ms is not None and now_ms >= due_ms:
                self.strike(name)
            if due_ms is None or now_ms >= due_ms:
                self._due_ms[name] = now_ms + 1 + self._pause_ms(name)
        self._next_ms = min(self._due_ms.values())

    def take(self, name: str) -> bool:
        """Say whether an armed fault strikes here and now; it is spent and counted then."""
        if name not in self._armed:
            return False
        self._armed.discard(name)
        self.injected[name] += 1
        return True

    def is_armed(self, name: str) -> bool:
        """Say whether a fault waits for what it can happen to, for a site that must prepare."""
        return name in self._armed

    def stands(self, name: str) -> bool:
        """Say whether a fault of a span stands at this moment; the first yes counts it."""
        if self._until_ms.get(name, 0) <= self._now_ms:
            return False
        if name in self._uncounted:
            self._uncounted.discard(name)
            self.injected[name] += 1
        return True

    def until_ms(self, name: str) -> int:
        """Return when a standing fault ends."""
        return self._until_ms.get(name, 0)

    def draw(self, name: str) -> random.Random:
        """Return the fault's own stream: how much, which code, which field."""
        return self._draws[name]

    def strike(self, name: str) -> None:
        """Let a fault become due at once, as a script or an operator asks. Raises KeyError."""
        span_s = FAULTS[name].span_s
        if span_s is None:
            self._armed.add(name)
            return
        if self._until_ms.get(name, 0) <= self._now_ms:
            self._uncounted.add(name)
        self._until_ms[name] = self._now_ms + int(self._draws[name].uniform(*span_s) * 1_000)

    def heal(self) -> None:
        """From now on nothing goes wrong any more, and what stood has ended."""
        self._rates = {}
        self._script.clear()
        self._armed.clear()
        self._until_ms.clear()
        self.heals += 1

    def _pause_ms(self, name: str) -> int:
        return int(self._draws[name].expovariate(self._rates[name]) * _HOUR_MS)
