"""When the scenario of a regime is on, and what it lays over the market at an instant."""

from typing import Final, final

from bot.domain.instant import DAY_MS, MINUTE_MS
from bot.simulator.market.streams import stream
from drills.world.market.regime import Overlay, WorldRegime

__all__ = ["Scenario"]

# Late enough that a world has settled in, early enough that the two hours of `illiquid` end within
# three hours of the start.
_BEGINS_MIN: Final = 5
_BEGINS_MAX: Final = 35


@final
class Scenario:
    """The runs of one regime's scenario in a market that began at `start_ms`."""

    def __init__(self, regime: WorldRegime, *, seed: int, start_ms: int) -> None:
        """Draw the first begin, in whole seconds.

        A daily regime keeps to the clock instead, and begins at its next time of day.
        """
        self._regime = regime
        self._rest = regime.at(-1.0)
        self._lasting = regime.lasting_minutes
        self._period_ms: Final = regime.period_minutes * MINUTE_MS
        if regime.daily_at_minute is None:
            draws = stream(seed, name=f"world/scenario/{regime.id}")
            offset_s = draws.randint(_BEGINS_MIN * 60, _BEGINS_MAX * 60)
            self.first_ms = start_ms + offset_s * 1_000
        else:
            at_ms = regime.daily_at_minute * MINUTE_MS
            self.first_ms = start_ms + (at_ms - start_ms) % DAY_MS

    def minute(self, at_ms: int) -> float:
        """Return the minute of the run that is on; negative before the first."""
        since_ms = at_ms - self.first_ms
        if since_ms < 0:
            return since_ms / MINUTE_MS
        return since_ms % self._period_ms / MINUTE_MS

    def overlay(self, at_ms: int) -> Overlay:
        """Return what lies over the market; the very same value whenever nothing does."""
        minute = self.minute(at_ms)
        if 0.0 <= minute < self._lasting:
            return self._regime.at(minute)
        return self._rest
