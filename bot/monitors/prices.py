"""Old prices are no prices [C-709].

A gate refuses each open at the policy's own limit; this shuts opens as a whole once it lasts.
"""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_LASTING_MS: Final = 30_000  # DOMAIN §8.2, drill 9


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens while the index has been older than any policy allows for a while."""
    limit_ms = max(policy.execution.index_ms_max, _LASTING_MS)
    if sight.index_age_ms is None:
        return Cause(Reason.NO_PRICE, "no index price yet")
    if sight.index_age_ms > limit_ms:
        return Cause(Reason.DATA_STALE, f"index {sight.index_age_ms} ms old, limit {limit_ms} ms")
    return None
