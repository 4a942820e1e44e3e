"""Orders that are not ours are never traded against in silence [C-509]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while somebody else's order rests in the account."""
    if not sight.foreign_orders:
        return None
    return Cause(Reason.FOREIGN_ORDER, "; ".join(sight.foreign_orders))
