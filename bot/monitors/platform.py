"""The venue itself may have stopped trading [C-508]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while the platform is locked or in maintenance."""
    if sight.is_in_maintenance:
        return Cause(Reason.VENUE_MAINTENANCE, "platform state: maintenance")
    if sight.observed is not None and sight.observed.line.is_in_maintenance:
        return Cause(Reason.VENUE_MAINTENANCE, "it takes no login meanwhile")
    return Cause(Reason.VENUE_LOCKED, "platform state: locked") if sight.is_locked else None
