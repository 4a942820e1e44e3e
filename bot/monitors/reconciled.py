"""Orders and positions must be proven at the venue, on this very connection [C-303, C-501]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens until the reconciliation of this connection is good."""
    if sight.differences:
        # What the venue delivers takes its time, by plan: waiting for it is no fault [C-510].
        reason = Reason.EXPIRY_WINDOW if sight.is_delivering else Reason.NOT_RECONCILED
        return Cause(reason, "; ".join(sight.differences))
    if sight.recon_failures:
        return Cause(Reason.RECON_FAILED, "; ".join(sight.recon_failures))
    if sight.proven_epoch == sight.epoch and sight.epoch > 0:
        return None
    if not sight.was_proven:
        return Cause(Reason.STARTING, "no reconciliation has ended yet in this run")
    return Cause(Reason.NOT_RECONCILED, "the connection is new and not yet compared")
