"""What waits to be written to one client, all of it bounded (UX §2.4).

Answers are kept in order; beats and streams are conflated: a beat replaces the one that waits, and
a stream offers nothing new while its last frames wait, so a slow reader costs a fixed room.
"""

from collections import deque
from typing import Final, final

import trio

__all__ = ["ANSWERS_MAX", "Outbox", "OutboxFullError"]

ANSWERS_MAX: Final = 64


class OutboxFullError(Exception):
    """The client does not read its answers and must be dropped."""


@final
class Outbox:
    """One client's waiting frames; one writer task takes them."""

    def __init__(self) -> None:
        self._answers: deque[bytes] = deque()
        self._beat: bytes | None = None
        self._streams: dict[int, bytes] = {}
        self._wake = trio.Event()
        self._drained = trio.Event()
        self._drained.set()

    def answer(self, line: bytes) -> None:
        """Queue an answer. Raises OutboxFullError for the 65th that waits."""
        if len(self._answers) >= ANSWERS_MAX:
            raise OutboxFullError
        self._answers.append(line)
        self._rouse()

    def beat(self, line: bytes) -> None:
        """Replace the beat that waits, if any."""
        self._beat = line
        self._rouse()

    def has_room_for(self, sub: int) -> bool:
        """True when the last frames of this subscription were taken."""
        return sub not in self._streams

    def stream(self, sub: int, lines: bytes) -> None:
        """Queue a subscription's frames; only when it has room."""
        if sub in self._streams:
            raise AssertionError("a stream waits already")
        self._streams[sub] = lines
        self._rouse()

    def forget(self, sub: int) -> None:
        """Drop what an ended subscription still had waiting."""
        self._streams.pop(sub, None)

    async def take(self) -> bytes:
        """Wait for something to write and return all of it: answers, streams, beat."""
        await self._wake.wait()
        parts = [*self._answers, *self._streams.values()]
        if self._beat is not None:
            parts.append(self._beat)
        self._answers.clear()
        self._streams.clear()
        self._beat = None
        self._wake = trio.Event()
        return b"".join(parts)

    def written(self) -> None:
        """Say that what was taken is with the kernel."""
        if not self._wake.is_set():
            self._drained.set()

    async def drain(self) -> None:
        """Wait until nothing waits any more."""
        await self._drained.wait()

    def _rouse(self) -> None:
        self._drained = trio.Event() if self._drained.is_set() else self._drained
        self._wake.set()
