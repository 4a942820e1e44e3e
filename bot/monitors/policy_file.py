"""A policy never changes while running; one that was edited waits for a start [C-003]."""

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while a start would read another policy than the one that runs."""
    if sight.observed is None or sight.observed.machine is None:
        return None
    found = sight.observed.machine.policy_hash
    if found is None:
        return Cause(Reason.POLICY_CHANGED, "the file cannot be read")
    if found == sight.policy_hash:
        return None
    return Cause(Reason.POLICY_CHANGED, f"runs {sight.policy_hash[:12]}, the file is {found[:12]}")
