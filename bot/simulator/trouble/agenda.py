"""What is put off to a later moment of the exchange's time."""

import heapq
from collections.abc import Callable
from typing import final

__all__ = ["Agenda"]


@final
class Agenda:
    """Acts with the time each is due; those of one moment in the order in which they came."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def put(self, due_ms: int, act: Callable[[], None]) -> None:
        """Put an act off."""
        self._count += 1
        heapq.heappush(self._rows, (due_ms, self._count, act))

    def run(self, now_ms: int) -> None:
        """Carry out what is due; what an act puts off in its turn waits for the next time."""
        due: list[Callable[[], None]] = []
        while self._rows and self._rows[0][0] <= now_ms:
            due.append(heapq.heappop(self._rows)[2])
        for act in due:
            act()

    def run_all(self) -> None:
        """Carry out everything now, due or not."""
        rows, self._rows = sorted(self._rows, key=lambda row: row[:2]), []
        for _, _, act in rows:
            act()
