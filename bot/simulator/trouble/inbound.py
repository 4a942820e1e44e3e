"""The way from the client to the exchange: what becomes of a request before it is served."""

from collections import deque
from enum import Enum
from typing import Final, final

from bot.simulator.trouble.trouble import Trouble

__all__ = ["INBOX_MAX", "Fate", "Inbound"]

INBOX_MAX: Final = 1_000  # requests that are held; more break the connection
_STALL_S: Final = (5.0, 40.0)


@final
class Fate(Enum):
    """What becomes of a request."""

    SERVED = "served"
    HELD = "held"  # served later, and those after it after it
    DROPPED = "dropped"  # nobody hears of it
    CUT = "cut"  # never whole: the connection breaks
    CUT_AFTER = "cut_after"  # served, then the connection breaks


@final
class Inbound:
    """Requests on their way. Times are the carrier's, in seconds."""

    def __init__(self, trouble: Trouble) -> None:
        """Begin with an empty way."""
        self._trouble = trouble
        self._held: deque[bytes] = deque()
        self._until_s = float("-inf")

    @property
    def next_s(self) -> float:
        """When held requests are to be served; infinite for never."""
        return self._until_s if self._held else float("inf")

    def arrive(self, body: bytes, *, now_s: float) -> Fate:
        """Say what becomes of a request; a held one is kept for `due`."""
        trouble = self._trouble
        if trouble.take("request_dropped"):
            return Fate.DROPPED
        if trouble.take("request_cut"):
            return Fate.CUT
        if not self._held and trouble.take("request_stalled"):
            self._until_s = now_s + trouble.draw("request_stalled").uniform(*_STALL_S)
        elif not self._held:
            return Fate.CUT_AFTER if trouble.take("request_cut_after") else Fate.SERVED
        if len(self._held) >= INBOX_MAX:
            return Fate.CUT
        self._held.append(body)
        return Fate.HELD

    def due(self, now_s: float) -> bytes | None:
        """Take out the next held request whose time has come."""
        return self._held.popleft() if self._held and now_s >= self._until_s else None

    def clear(self) -> None:
        """Lose what is held."""
        self._held.clear()
