"""The kernel knows whether a time service steers its clock [C-005, C-507]."""

from bot.domain.mode import Environment
from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens in PAPER and LIVE unless the kernel says that its clock is right.

    A kernel that says nothing is no proof. DEV and STAGING trade on embedded or test exchanges.
    """
    if sight.environment in (Environment.DEV, Environment.STAGING):
        return None
    if sight.observed is None or sight.observed.machine is None:
        return None  # that nobody has looked is a cause of its own
    clock = sight.observed.machine.kernel_clock
    if clock is None:
        return Cause(Reason.CLOCK_UNSYNCED, "the kernel does not say")
    if not clock.is_synced:
        return Cause(Reason.CLOCK_UNSYNCED, "no time service steers it")
    limit_ms = policy.execution.clock_offset_ms_max
    if clock.error_ms > limit_ms:
        return Cause(
            Reason.CLOCK_UNSYNCED, f"off by up to {clock.error_ms} ms, limit {limit_ms} ms"
        )
    return None
