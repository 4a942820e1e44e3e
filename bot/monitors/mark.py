"""A mark that stands while the index moves is no fair value any more (DOMAIN §8.1, stuck_mark)."""

from typing import Final

from bot.domain.reason import Reason
from bot.monitors.sight import Cause, Sight
from bot.policy.policy import Policy

__all__ = ["check"]

_STANDS_MS: Final = 5_000  # DOMAIN §8.1
# Five standard deviations of the hedge's premium in normal times (DOMAIN §4.2: 4 bp): a mark that
# happens to be the same again does not stand against a move of this.
_MOVED: Final = 0.002


def check(sight: Sight, _policy: Policy) -> Cause | None:
    """Shut opens while the hedge's mark has stood for 5 s and the index has left it behind."""
    if sight.mark_stands_ms <= _STANDS_MS or sight.mark_left_by <= _MOVED:
        return None
    stands_s = sight.mark_stands_ms // 1000
    return Cause(Reason.MARK_STALE, f"for {stands_s} s, the index moved {sight.mark_left_by:.2%}")
