"""The one ordered inbox of the core (DESIGN §1), bounded.

Prices may be dropped when it is full: a book then breaks visibly at its next change and is asked
for anew. What is about our own orders is never dropped; its own bound is a fault of the gravest
sort, because then the core no longer keeps up with its own account.
"""

from collections import deque
from typing import Final, final

import trio

from bot.core.event import Event, Happening, Reported, Tick
from bot.domain.report import BookChange, BookSnapshot, IndexPrice, Ticker
from bot.engine.clock import VenueClock

__all__ = ["PRICES_MAX", "TOTAL_MAX", "Inbox", "OverflowedError"]

PRICES_MAX: Final = 4_096
TOTAL_MAX: Final = 8_192


class OverflowedError(Exception):
    """The core does not keep up with what it must not miss."""


@final
class Inbox:
    """Events in the order in which they came."""

    def __init__(self, *, venue: VenueClock) -> None:
        """Begin empty; every event is stamped by this clock as it enters."""
        self._venue = venue
        self._events: deque[Event] = deque()
        self._arrived = trio.Event()
        self.dropped = 0
        self.high = 0  # the most that has ever waited
        self._high_since = 0

    def put(self, what: Happening) -> None:
        """Take a happening in, without waiting. Raises OverflowedError at TOTAL_MAX."""
        is_price = isinstance(what, Reported) and isinstance(
            what.report, BookChange | BookSnapshot | IndexPrice | Ticker
        )
        if is_price and len(self._events) >= PRICES_MAX:
            self.dropped += 1
            return
        if len(self._events) >= TOTAL_MAX:
            raise OverflowedError(f"{TOTAL_MAX} events wait")
        self._events.append(self._stamped(what))
        self._high_since = max(self._high_since, len(self._events))
        self.high = max(self.high, self._high_since)
        self._arrived.set()

    async def get(self) -> Event:
        """Return the oldest event, waiting for one if need be."""
        while not self._events:
            self._arrived = trio.Event()
            await self._arrived.wait()
        event = self._events.popleft()
        if isinstance(event.what, Tick):
            # A tick judges how old everything is: one that has waited must judge by now.
            return self._stamped(event.what)
        return event

    def take_high(self) -> int:
        """Return the most that has waited since the last call."""
        high, self._high_since = self._high_since, len(self._events)
        return high

    def _stamped(self, what: Happening) -> Event:
        return Event(now_ms=self._venue.now_ms(), mono_ms=self._venue.mono_ms(), what=what)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._events)
