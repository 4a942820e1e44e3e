"""In LIVE the operator's own word is one of the proofs [C-303]."""

from bot.domain.mode import Environment
from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens in LIVE until an operator has confirmed."""
    if sight.environment is not Environment.LIVE or sight.live_confirmed:
        return None
    return Cause(Reason.STARTING, "in LIVE an operator opens")
