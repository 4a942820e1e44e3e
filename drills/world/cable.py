"""What is under way in one direction of a connection: in order, each piece at its time."""

from collections import deque
from typing import Final, final

import trio

__all__ = ["CUT", "END", "Cable", "CutError"]


@final
class _Mark:
    """An end of the line, in its place among the pieces."""


END: Final = _Mark()  # a goodbye: everything before it arrives
CUT: Final = _Mark()  # a break: so does everything that was before it


class CutError(Exception):
    """The line broke."""


@final
class Cable:
    """Pieces that arrive in the order in which they left, none before its time."""

    def __init__(self) -> None:
        """Begin empty."""
        self._pieces: deque[tuple[float, bytes | _Mark]] = deque()
        self._changed = trio.Event()
        self._last_s = 0.0
        self._ended: _Mark | None = None
        self.is_over = False  # nobody reads at the other end any more

    def over(self) -> None:
        """Nobody will read any more: what is still under way is for nobody."""
        self.is_over = True
        self._pieces.clear()

    def put(self, piece: bytes | _Mark, *, late_s: float) -> None:
        """Let a piece leave now; it arrives `late_s` from now, or right after the one before."""
        if self.is_over:
            return
        self._last_s = max(trio.current_time() + late_s, self._last_s)
        self._pieces.append((self._last_s, piece))
        self._changed.set()

    async def get(self) -> bytes | None:
        """Return the next piece, None at its end. Raises CutError where it broke."""
        if self._ended is None:
            while not self._pieces:
                self._changed = trio.Event()
                await self._changed.wait()
            due_s, _ = self._pieces[0]
            if due_s > trio.current_time():
                await trio.sleep_until(due_s)
            _, piece = self._pieces.popleft()
            if isinstance(piece, bytes):
                return piece
            self._ended = piece
        if self._ended is CUT:
            raise CutError
        return None
