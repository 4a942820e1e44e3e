"""After a shock nothing new is sold until it is calm (DOMAIN §8.1, vol_spike)."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens when five minutes have moved the index further than the policy allows."""
    limit = policy.guard.vol_shock_ratio_max
    if sight.index_range <= limit:
        return None
    return Cause(Reason.VOL_SHOCK, f"{sight.index_range:.1%} in 5 min, limit {limit:.1%}")
