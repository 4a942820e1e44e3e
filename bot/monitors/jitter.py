"""An order made for one market must not meet another: answers come in time, and evenly [C-508]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_TRIPS_MIN: Final = 20  # below it a percentile says nothing


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens while the middle or the slow end of the last round trips is beyond its limit."""
    if sight.observed is None or len(sight.observed.line.trips_ms) < _TRIPS_MIN:
        return None
    trips = sorted(sight.observed.line.trips_ms)
    limits = policy.execution
    for part, limit_ms, name in (
        (50, limits.round_trip_median_ms_max, "half"),
        (95, limits.round_trip_p95_ms_max, "95 %"),
    ):
        # The nearest rank: so many percent of the trips took no longer.
        took_ms = trips[-(-len(trips) * part // 100) - 1]
        if took_ms > limit_ms:
            return Cause(Reason.NETWORK_JITTER, f"{name} within {took_ms} ms, limit {limit_ms} ms")
    return None
