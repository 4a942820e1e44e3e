"""How many reads a peer may do: a bucket of tokens for each address, and a bound on addresses."""

from collections import OrderedDict
from typing import Final, final

__all__ = ["Allowance"]

_PEERS_MAX: Final = 256


@final
class Allowance:
    """A token bucket a peer. The least recently seen peer is forgotten first."""

    def __init__(self, *, per_s: float, burst: int) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, peer: str, *, now_s: float) -> bool:
        """Take one token; False when the peer has none. `now_s` is a monotonic clock's."""
        left, at = self._left.pop(peer, (float(self._burst), now_s))
        left = min(self._burst, left + (now_s - at) * self._per_s)
        is_allowed = left >= 1
        self._left[peer] = (left - 1 if is_allowed else left, now_s)
        if len(self._left) > _PEERS_MAX:
            self._left.popitem(last=False)
        return is_allowed
