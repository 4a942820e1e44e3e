"""The trades that we have must add up to what the venue says has filled [C-209]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while a finished order lacks trades."""
    if not sight.unsettled_labels:
        return None
    return Cause(Reason.TRADES_INCOMPLETE, ", ".join(sight.unsettled_labels))
