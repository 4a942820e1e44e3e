"""While the guard closes something, nothing is opened beside it [C-402, C-403]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while an exit of the guard's is under way; a group's excess is named as such."""
    if sight.broken_groups:
        return Cause(Reason.GROUP_BROKEN, "; ".join(sight.broken_groups))
    return Cause(Reason.CLOSING, "; ".join(sight.closings)) if sight.closings else None
