"""What is not ours is never adopted nor traded against in silence: an operator decides [C-509]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while somebody else's order or position in the account is not decided on."""
    if sight.foreign_orders:
        return Cause(Reason.FOREIGN_ORDER, "; ".join(sight.foreign_orders))
    if sight.foreign_positions:
        return Cause(Reason.FOREIGN_POSITION, "; ".join(sight.foreign_positions))
    return None
