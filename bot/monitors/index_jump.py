"""An index that jumps is a fault, or a market to stay out of (DOMAIN §8.2, drill 27)."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_JUMP_MAX: Final = 0.05


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens when the index has moved by more than 5 % in a second."""
    if sight.index_jump <= _JUMP_MAX:
        return None
    return Cause(Reason.INDEX_JUMP, f"{sight.index_jump:.1%} in a second")
