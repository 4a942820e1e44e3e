"""The second net: the venue itself cancels our orders when the connection breaks [C-505]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens on a connection until the venue confirms its cancel-on-disconnect (§14).

    Without a connection there is nothing to confirm, and the link's own proof stands against opens.
    """
    if not sight.is_up or sight.is_protected:
        return None
    return Cause(
        Reason.UNPROTECTED, f"connection {sight.epoch}: cancel-on-disconnect not confirmed"
    )
