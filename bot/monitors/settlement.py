"""Around 08:00 UTC the venue settles; nothing is opened then [C-510] (DOMAIN §1.4)."""

from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS
from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]


def check(sight: Sight, policy: Policy) -> Cause | None:
    """Shut opens from some minutes before settlement to some minutes after."""
    before_ms = policy.execution.settlement_before_minutes_min * MINUTE_MS
    after_ms = policy.execution.settlement_after_minutes_min * MINUTE_MS
    since_ms = (sight.now_ms - 8 * HOUR_MS) % DAY_MS
    if since_ms < after_ms:
        return Cause(Reason.EXPIRY_WINDOW, f"{since_ms // MINUTE_MS} min after settlement")
    if DAY_MS - since_ms <= before_ms:
        return Cause(Reason.EXPIRY_WINDOW, f"{(DAY_MS - since_ms) // MINUTE_MS} min before it")
    return None
