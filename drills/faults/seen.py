"""What a fault drill has seen: the trace of mode and latch, and what became of each order."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, final

from bot.core.life import Phase
from bot.domain.mode import Mode
from bot.domain.order import Role
from bot.simulator.exchange.record import LogEntry

__all__ = ["Moment", "OrderSeen", "Seen", "Stand"]


@final
@dataclass(frozen=True, slots=True)
class Moment:
    """Something changed, so many ms after the start: a fault, the mode, a cause, the latch, a
    group, a life of the engine, or what the owner did.
    """

    at_ms: int
    what: str
    now: str
    because: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        """Return it as it stands in the document."""
        return {
            "ms": self.at_ms,
            "what": self.what,
            "now": self.now,
            "because": list(self.because),
        }


@final
@dataclass(slots=True)
class OrderSeen:
    """One order of ours. `placed_ms` has a time for each order that the venue made of it, `held`
    what its log says of the last of them.
    """

    label: str
    role: Role
    sent_ms: int
    is_watched: bool  # it left before everything was healed
    is_allowed: bool  # mode ACTIVE and latch open when its first byte left
    placed_ms: list[int] = field(default_factory=list)
    taken_off_ms: int | None = None
    held: LogEntry | None = None


@final
@dataclass(frozen=True, slots=True)
class Stand:
    """Where the engine stands at one moment; without one that lives the mode is None."""

    mode: Mode | None
    is_open: bool
    causes: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that the expectations of a drill are held against.

    `struck_ms` is when the fault first did something; `safe_ms` since when, after that, nothing
    could be opened and, where the mode was forced, no open of ours rested any more. `ended` is
    where all stood at the end of the watched time, before anybody healed or rearmed anything;
    `kept` after everything had healed and the engine had been started anew, where that was done.
    """

    moments: tuple[Moment, ...]
    orders: tuple[OrderSeen, ...]
    struck_ms: int | None
    ended_ms: int  # of the watched time
    safe_ms: int | None
    ended: Stand
    kept: Stand | None
    reached: Counter[tuple[str, Phase]]  # label and phase
    raised: frozenset[str]  # reasons that forced a mode in the watched time
    shut_by: frozenset[str]  # reasons that shut the latch after the fault
    refused: Counter[str]  # reason → proposals that it refused in the watched time after the fault
    noted: Counter[str]  # anomalies by their code
    answers: tuple[str, ...]  # what the owner heard: the act, and `done` or the code
    fills: int  # booked in the watched time
    deliveries: int  # booked
    held: frozenset[str]  # instruments, by the venue's account at the end of the watched time
    doubled: frozenset[str]  # labels of which the venue itself made two orders
    starts_refused: tuple[str, ...]

    @property
    def watched(self) -> tuple[Moment, ...]:
        """What changed before anybody healed or rearmed anything."""
        return tuple(moment for moment in self.moments if moment.at_ms <= self.ended_ms)

    @property
    def time_to_safe_ms(self) -> int | None:
        """From the fault to safety; None when it was never reached, or nothing struck."""
        if self.struck_ms is None or self.safe_ms is None:
            return None
        return self.safe_ms - self.struck_ms

    @property
    def taken_since_barred(self) -> list[str]:
        """Say in the venue's own words what it took of what left while opens were barred."""
        return [
            f"{order.held.side} {order.held.amount:f}"
            f"{' reduce-only' if order.held.reduce_only else ''}"
            for order in self.orders
            if order.held is not None and order.is_watched and not order.is_allowed
        ]

    @property
    def containment(self) -> dict[str, int]:
        """Count what became of opens and exits once nothing could be opened any more.

        `opens_sent` left although they were forbidden. `opens_in_flight` had left before the mode
        was forced, and were taken by the venue after it.
        """
        tight = [m.at_ms for m in self.watched if m.what == "mode" and m.now != Mode.ACTIVE.value]
        struck_ms = self.struck_ms or 0
        opens = [order for order in self.orders if not order.role.is_exit]
        return {
            "opens_sent": sum(not order.is_allowed for order in opens),
            "opens_in_flight": sum(
                order.is_allowed and order.sent_ms <= tight[0] < order.placed_ms[0]
                for order in opens
                if tight and order.placed_ms
            ),
            "opens_taken_off": sum((order.taken_off_ms or -1) >= struck_ms for order in opens),
            "exits_taken": sum(
                order.role.is_exit and not order.is_allowed and bool(order.placed_ms)
                for order in self.orders
            ),
        }
