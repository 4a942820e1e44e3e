"""A key that the venue refuses leaves the engine blind and without hands [C-006]."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

# Once may be a clock error or the venue's own ban (PROTOCOL §19, 13004); with the pauses between
# logins three in a row last for over a minute.
_DEFINITE: Final = 3


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Force KILL once the venue has refused the key three times (DOMAIN §8.2, drill 28)."""
    if sight.observed is None or sight.observed.line.refusals < _DEFINITE:
        return None
    return Cause(Reason.AUTH_LOST, sight.observed.line.refusal)
