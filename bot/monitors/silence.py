"""A line that is up and says nothing is half open [C-508] (DOMAIN §8.2, drill 2)."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens while nothing at all has come for longer than the policy allows."""
    seen = sight.observed
    if seen is None or seen.line.silence_ms is None or not sight.is_up:
        return None
    limit_ms = policy.execution.silence_ms_max
    if seen.line.silence_ms <= limit_ms:
        return None
    return Cause(Reason.VENUE_SILENT, f"for {seen.line.silence_ms} ms, limit {limit_ms} ms")
