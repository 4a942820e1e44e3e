"""Venue time must be known, or `valid_until` protects nothing [C-507, C-208]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_SAMPLE_AGE_MS_MAX: Final = 30_000


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens while the clocks are too far apart, or were not compared lately."""
    if sight.clock_offset_ms is None:
        return Cause(Reason.CLOCK_OFFSET, "not compared yet")
    if sight.clock_age_ms > _SAMPLE_AGE_MS_MAX:
        return Cause(Reason.CLOCK_UNCOMPARED, f"for {sight.clock_age_ms // 1000} s")
    away_ms = abs(sight.clock_offset_ms) + sight.clock_bound_ms
    limit_ms = policy.execution.clock_offset_ms_max
    if away_ms > limit_ms:
        return Cause(Reason.CLOCK_OFFSET, f"{away_ms} ms apart, limit {limit_ms} ms")
    return None
