"""Somebody outside must be able to take our orders off when we cannot [C-505]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["SILENT_MS_MAX", "check"]

SILENT_MS_MAX: Final = 10_000  # RELIABILITY F39: opens stop within 10 s; it looks each second


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while a watchdog is expected and has not looked at us lately."""
    if not sight.is_watchdog_expected:
        return None
    if sight.watchdog_age_ms is None:
        return Cause(Reason.WATCHDOG_SILENT, "none has been heard in this run")
    if sight.watchdog_age_ms > SILENT_MS_MAX:
        return Cause(Reason.WATCHDOG_SILENT, f"last heard {sight.watchdog_age_ms // 1000} s ago")
    return None
