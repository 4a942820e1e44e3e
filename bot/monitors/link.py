"""Without a session nothing is known [C-508]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while there is no session; before the first one it is the start."""
    if sight.is_up:
        return None
    if sight.epoch == 0:
        return Cause(Reason.STARTING, "not connected yet")
    return Cause(Reason.RECONNECTING, f"connection {sight.epoch} was lost")
