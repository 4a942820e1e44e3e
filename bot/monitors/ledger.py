"""A ledger that cannot be written ends everything but exits [C-212]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Force KILL once a commit has failed: what the ledger holds is unknown until reopened."""
    if sight.ledger_failure is None:
        return None
    return Cause(Reason.LEDGER_UNWRITABLE, sight.ledger_failure)
