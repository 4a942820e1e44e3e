"""The orders and trades of an account as they were a while ago, for look-ups that lag."""

from collections import deque
from dataclasses import replace
from typing import Final, final

from bot.simulator.exchange.venue import Changes, Venue

__all__ = ["LAG_MS", "Lagging"]

LAG_MS: Final = 3_000


@final
class Lagging:
    """A copy of the exchange that hears of each change late. There is one only while asked for."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._copy: Venue | None = None
        self._unheard: deque[tuple[int, Changes]] = deque()

    def begin(self) -> None:
        """Copy what is; from here on the copy lags."""
        if self._copy is None:
            venue = self._venue
            trades = {name: list(kept) for name, kept in venue.user_trades.items()}
            self._copy = replace(
                venue, open=dict(venue.open), closed=dict(venue.closed), user_trades=trades
            )

    def end(self) -> None:
        """Drop the copy."""
        self._copy = None
        self._unheard.clear()

    def note(self, changes: Changes) -> None:
        """Keep a turn's changes until the copy may hear of them."""
        if self._copy is not None and (changes.orders or changes.fills):
            self._unheard.append((self._venue.now_ms, changes))

    def seen(self) -> Venue:
        """Return the exchange as it was: its orders and trades are old, all else is as it is."""
        self.begin()
        copy = self._copy
        if copy is None:  # said again for the type checker
            return self._venue
        while self._unheard and self._unheard[0][0] <= self._venue.now_ms - LAG_MS:
            _, changes = self._unheard.popleft()
            for order in changes.orders:
                copy.open.pop(order.id, None)
                copy.closed.pop(order.id, None)
                (copy.open if order.is_open else copy.closed)[order.id] = order
            for trade in changes.fills:
                copy.user_trades.setdefault(trade.account, []).append(trade)
        return copy
