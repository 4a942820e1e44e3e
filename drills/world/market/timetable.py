"""When the scenario of a regime begins, and how far into it an instant is."""

from typing import Final, final

from bot.domain.instant import DAY_MS, MINUTE_MS
from bot.simulator.market.streams import stream
from drills.world.market.regime import WorldRegime

__all__ = ["Timetable"]

# Late enough that a world has settled in, early enough that the two hours of `illiquid` end within
# three hours of the start.
_BEGINS_MIN: Final = 5
_BEGINS_MAX: Final = 35


@final
class Timetable:
    """The runs of one regime's scenario in a market that began at `start_ms`."""

    def __init__(self, regime: WorldRegime, *, seed: int, start_ms: int) -> None:
        """Draw the first begin, in whole seconds; a daily regime keeps to the clock instead."""
        if regime.daily_at_minute is None:
            draws = stream(seed, name=f"scenario/{regime.id}")
            offset_s = draws.randint(_BEGINS_MIN * 60, _BEGINS_MAX * 60)
            self.first_ms = start_ms + offset_s * 1_000
        else:
            at_ms = regime.daily_at_minute * MINUTE_MS
            self.first_ms = start_ms + (at_ms - start_ms) % DAY_MS
        self._period_ms: Final = regime.period_minutes * MINUTE_MS

    def minute(self, at_ms: int) -> float:
        """Return the minute of the run that is on; negative before the first."""
        since_ms = at_ms - self.first_ms
        if since_ms < 0:
            return since_ms / MINUTE_MS
        return since_ms % self._period_ms / MINUTE_MS
