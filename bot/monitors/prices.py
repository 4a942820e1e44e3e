"""Old prices are no prices [C-709]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens while the index is older than the policy allows."""
    limit_ms = policy.execution.index_ms_max
    if sight.index_age_ms is None:
        return Cause(Reason.DATA_STALE, "no index price yet")
    if sight.index_age_ms > limit_ms:
        return Cause(Reason.DATA_STALE, f"index {sight.index_age_ms} ms old, limit {limit_ms} ms")
    return None
