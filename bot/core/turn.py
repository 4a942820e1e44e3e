"""One turn of the core: the state as it changes, and the records and effects that the turn makes.

A turn lives inside one call of `step` and never leaves it; to everybody else the step is a pure
function. Records are folded in at once, by the same `apply` that recovery uses.
"""

from dataclasses import replace
from typing import Any

from bot.core.effect import Body, Commit, Effect, Entry, Say
from bot.core.fold import apply
from bot.core.record import Anomaly, Record
from bot.core.state import After, State

__all__ = ["Turn"]


class Turn:
    """The only mutable thing in the core."""

    def __init__(self, state: State) -> None:
        """Begin from a state."""
        self.state = state
        self._entries: list[Entry] = []
        self._after: list[After] = []
        self._effects: list[Effect] = []

    def set(self, **changes: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **changes)

    def count(self, **more: int) -> None:
        """Add to the run's counters."""
        counters = self.state.counters
        grown = {name: getattr(counters, name) + step for name, step in more.items()}
        self.set(counters=replace(counters, **grown))

    def record(self, record: Record, *, bodies: tuple[Body, ...] = ()) -> None:
        """Fold a record in and have it written with this turn's batch."""
        seq = self.state.seq + 1
        self._entries.append(Entry(record=record, bodies=bodies))
        self.set(seq=seq, durable=apply(self.state.durable, record, seq=seq))

    def after_commit(self, after: After) -> None:
        """Do this once everything recorded in this turn is durable."""
        self._after.append(after)

    def anomaly(self, code: str, detail: str) -> None:
        """Record that something happened which should not, and was dealt with."""
        self.record(Anomaly(code=code, detail=detail, at_ms=self.state.now_ms))
        self.count(anomalies=1)

    def emit(self, effect: Effect) -> None:
        """Ask the shell for something that needs no record of this turn."""
        self._effects.append(effect)

    def say(self, event: str, **facts: Any) -> None:
        """Write a line to the log."""
        self._effects.append(Say(event=event, facts=facts))

    def close(self) -> tuple[State, tuple[Effect, ...]]:
        """End the turn. What waits for durability waits in the state, not in the shell."""
        if self._after and not self._entries:
            raise AssertionError("something waits for a record that this turn did not make")
        if self._entries and self.state.reserve_failure is None:
            batch = self.state.batch + 1
            waiting = self.state.waiting
            if self._after:
                waiting = {**waiting, batch: tuple(self._after)}
            self.set(batch=batch, waiting=waiting)
            commit = Commit(batch=batch, last_seq=self.state.seq, entries=tuple(self._entries))
            return self.state, (commit, *self._effects)
        return self.state, tuple(self._effects)
