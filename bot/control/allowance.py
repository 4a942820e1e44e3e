"""How many requests may come without a token: one bucket for all of them [C-604]."""

from typing import Final, final

__all__ = ["Allowance"]

_ONE: Final = 1.0


@final
class Allowance:
    """A token bucket: `burst` at once, and `per_s` a second after that."""

    def __init__(self, *, per_s: float, burst: int) -> None:
        """Begin full."""
        self._per_s = per_s
        self._burst = float(burst)
        self._left = float(burst)
        self._at_s: float | None = None

    def take(self, *, now_s: float) -> bool:
        """Take one; False when there is none. `now_s` is a monotonic clock's, in seconds."""
        passed_s = 0.0 if self._at_s is None else now_s - self._at_s
        self._at_s = now_s
        self._left = min(self._burst, self._left + passed_s * self._per_s)
        if self._left < _ONE:
            return False
        self._left -= _ONE
        return True
