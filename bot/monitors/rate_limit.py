"""The breaker: who is refused for asking too much stops adding to it [C-506]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_TIMES: Final = 3  # DOMAIN §8.2, drill 3
_WITHIN_MS: Final = 10_000


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens at the third rate-limit answer within 10 s."""
    if sight.observed is None:
        return None
    lately = [age for age in sight.observed.line.limited_ms if age <= _WITHIN_MS]
    if len(lately) < _TIMES:
        return None
    return Cause(Reason.RATE_LIMITED, f"{len(lately)} times in {_WITHIN_MS // 1000} s")
