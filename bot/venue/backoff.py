"""How long to wait before dialling again: exponential, with jitter from a given source."""

from typing import Final, Protocol

__all__ = ["FIRST_S", "LONGEST_S", "Draw", "wait_s"]

FIRST_S: Final = 0.25
LONGEST_S: Final = 30.0
_DOUBLINGS_MAX: Final = 16


class Draw(Protocol):
    """The part of a random source that is used: the engine hands in a named, seeded stream."""

    def random(self) -> float:
        """Return a float in [0, 1)."""
        ...

    def getrandbits(self, k: int, /) -> int:
        """Return k random bits."""
        ...


def wait_s(failures: int, *, draw: Draw) -> float:
    """Return between half and all of `FIRST_S · 2^failures`, never above LONGEST_S.

    The jitter keeps many clients from coming back in step after a maintenance.
    """
    ceiling: float = min(LONGEST_S, FIRST_S * 2 ** min(failures, _DOUBLINGS_MAX))
    return ceiling * (0.5 + 0.5 * draw.random())
