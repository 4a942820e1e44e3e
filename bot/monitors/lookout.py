"""Who watches the shell's own look-outs: one that has fallen silent counts as failed [C-606]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_AGE_MS_MAX: Final = 60_000


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens until line and machine have been looked at, and when nobody has for a minute."""
    if sight.observed is None or sight.observed.machine is None:
        return Cause(Reason.STARTING, "line and machine were not looked at yet")
    age_ms = sight.observed_age_ms + sight.observed.machine.age_ms
    if age_ms <= _AGE_MS_MAX:
        return None
    return Cause(Reason.MONITOR_FAILED, f"line and machine were looked at {age_ms // 1000} s ago")
