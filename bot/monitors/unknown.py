"""An order of unknown fate counts as filled against us, and nothing is opened beside it [C-205]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens while an order has been UNKNOWN for longer than the policy allows."""
    limit_ms = policy.guard.unknown_deadline_s * 1000
    overdue = [label for label, age_ms in sight.unknown if age_ms > limit_ms]
    return Cause(Reason.UNKNOWN_ORDER, ", ".join(overdue)) if overdue else None
