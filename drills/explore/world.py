"""One world of the exploration: the real core's state, and a shell and a venue that can be forked.

Nothing happens by itself in it: an order in flight stays there until an event says its fate.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, final

import msgspec

from bot.core.durable import Durable, empty
from bot.core.effect import (
    Commit,
    Effect,
    Gather,
    ReadInstruments,
    SendCancel,
    SendEdit,
    SendOrder,
    Stop,
    Watch,
)
from bot.core.event import (
    Answered,
    ClockSampled,
    Committed,
    Connected,
    Event,
    Gathered,
    Happening,
    InstrumentsRead,
    Observed,
    Protected,
    Reported,
    Subscribed,
    Tick,
)
from bot.core.fold import apply
from bot.core.outcome import Acked, Ambiguous
from bot.core.record import RunStarted
from bot.core.state import State
from bot.core.step import step
from bot.domain.ids import RunId
from bot.domain.instant import iso
from bot.domain.money import Amount, Price
from bot.domain.order import OrderState
from bot.domain.report import Fill, OrderReport
from bot.intent.intent import CancelIntent, OrderIntent
from bot.monitors.observed import Observation
from bot.strategy.interface import Params, Proposal, View
from drills.explore.law import Sent, broken_by
from drills.groups.engine import OWNER, WELL, fresh
from drills.groups.market import BTC, INSTRUMENTS, OPTIONS, PERPETUAL, START_MS, quotes
from drills.groups.venue import Fate, Venue

__all__ = ["TICK_MS", "Mind", "World", "begin"]

TICK_MS: Final = 2_000
_LOOK_MS: Final = 10_000  # between two looks at machine and clock, as far as nothing changes
_EVERY_OPTION: Final = frozenset(of.name for of in OPTIONS)
_UNUSED: Final = frozenset(of.name for of in OPTIONS[2:])
_FEED_MAX: Final = 200  # happenings that may follow from one: more is a loop


@final
@dataclass(slots=True)
class Mind:
    """The strategy of every world: it proposes what it was given, and counts when it is asked."""

    wants: tuple[Proposal, ...] = ()
    asked: int = 0

    def decide(self, _view: View, _params: Params) -> tuple[Proposal, ...]:
        """Propose once."""
        self.asked += 1
        wants, self.wants = self.wants, ()
        return wants


@final
@dataclass(slots=True)
class World:
    """All that decides what happens next. `fork` before an event, and each goes its own way."""

    mind: Mind
    state: State
    venue: Venue
    now_ms: int
    mono_ms: int
    epoch: int = 0
    pending: tuple[SendOrder, ...] = ()  # in flight, the oldest first
    late: tuple[Fill, ...] = ()  # trades of ours that were not told yet
    held: tuple[int, ...] = ()  # batches before a barrier that is stuck
    is_barrier_stuck: bool = False
    reading: str = "good"  # or "failed", "differing": how the venue answers a reconciliation
    seen: Observation = WELL
    foreign: OrderReport | None = None  # a stranger's order that rests
    is_expired: bool = False
    is_over: bool = False  # the engine has asked to end
    solid: tuple[Durable, int] | None = None  # what is durable while a barrier is stuck
    sent: Sent = field(default_factory=Sent)
    broken: tuple[str, ...] = ()

    def fork(self) -> "World":
        """Return a world that has come as far and shares nothing that changes."""
        return replace(self, venue=self.venue.fork(_undecided), broken=())

    def feed(self, what: Happening) -> None:
        """Take one happening, and all that follows from it at once; each step is judged."""
        happenings: deque[Happening] = deque((what,))
        for _ in range(_FEED_MAX):
            if not happenings:
                return
            before, self.mind.asked = self.state, 0
            event = Event(now_ms=self.now_ms, mono_ms=self.mono_ms, what=happenings.popleft())
            self.state, effects = step(before, event)
            self.sent, broken = broken_by(
                before, self.state, effects, asked=self.mind.asked, sent=self.sent
            )
            self.broken += broken
            for effect in effects:
                happenings.extend(self._carry_out(effect, before))
        self.broken += (f"it goes round and round: {happenings[0]}",)

    def tick(self, by_ms: int = TICK_MS) -> None:
        """Let time pass, with a fresh market while there is a line."""
        self.now_ms += by_ms
        self.mono_ms += by_ms
        if self.state.link.is_up:
            for report in quotes(self.now_ms):
                if getattr(report, "instrument", None) not in self._silent():
                    self.feed(Reported(report))
        seen_ms = self.mono_ms - self.state.observed_mono_ms
        if self.state.observed is not self.seen or seen_ms > _LOOK_MS:
            self.feed(Observed(self.seen))
        sampled_ms = self.mono_ms - self.state.clock.sampled_mono_ms
        if self.state.link.is_up and sampled_ms > _LOOK_MS:
            self.feed(ClockSampled(offset_ms=0, bound_ms=5))
        self.feed(Tick())

    def _silent(self) -> frozenset[str]:
        """Name what has no prices: legs that no group here has, and what has expired."""
        return _EVERY_OPTION if self.is_expired else _UNUSED

    def connect(self) -> None:
        """Come back to the venue, by the shell's own steps."""
        self.epoch += 1
        self.feed(Connected(self.epoch))
        self.feed(Protected(self.epoch))
        self.feed(self._definitions())
        self.tick()
        self.feed(Subscribed(self.epoch, ()))
        self.tick()

    def restart(self) -> None:
        """Begin a new run over what is durable; what was in flight is in doubt from here on."""
        begun = RunStarted(
            run_id=RunId("drill"),
            build_id="drill",
            config_hash="c" * 64,
            policy_hash="p" * 64,
            started_ms=self.now_ms,
            pid=1,
        )
        durable, seq = self.solid or (self.state.durable, self.state.seq)
        durable, seq = apply(durable, begun, seq=seq + 1), seq + 1
        if durable.mode.severity < self.state.durable.mode.severity and self.solid is None:
            self.broken += ("C-308 the restart has loosened the mode",)
        state = fresh(durable, decide=self.mind.decide, seq=seq)
        self.state = replace(
            state, now_ms=self.now_ms, mono_ms=self.mono_ms, started_mono_ms=self.mono_ms
        )
        self.held, self.solid, self.is_barrier_stuck = (), None, False
        self.is_over, self.late, self.epoch = False, (), 0

    def leave(self) -> OrderReport:
        """Take the stranger's order off, and return what the venue says of it."""
        if self.foreign is None:
            raise AssertionError("no stranger's order rests")
        gone = msgspec.structs.replace(
            self.foreign, state=OrderState.CANCELLED, updated_ms=self.now_ms
        )
        self.foreign = None
        return gone

    def through(self) -> None:
        """Let the barrier through: all that it held is durable, in order."""
        held, self.held, self.solid, self.is_barrier_stuck = self.held, (), None, False
        for batch in held:
            self.feed(Committed(batch))

    def answer(self, fate: Fate, *, is_late: bool = False) -> None:
        """Give the oldest order in flight its fate; `is_late`: its trades are told another time."""
        first, self.pending = self.pending[0], self.pending[1:]
        self.venue = self.venue.fork(lambda _: fate)
        outcome = self.venue.place(first.intent, first.label, at_ms=self.now_ms)
        if is_late and isinstance(outcome, Acked):
            self.late += outcome.fills
            outcome = Acked(order=outcome.order, fills=())
        self.feed(Answered(first.intent_id, outcome))

    def _carry_out(self, effect: Effect, before: State) -> list[Happening]:
        match effect:
            case Commit():
                if self.is_barrier_stuck:
                    self.held += (effect.batch,)
                    self.solid = self.solid or (before.durable, before.seq)
                    return []
                return [Committed(effect.batch)]
            case SendOrder():
                self.pending += (effect,)
                return []
            case SendCancel(intent=CancelIntent() as intent) if self.foreign is not None and (
                intent.order_id == self.foreign.order_id
            ):
                return [Answered(effect.intent_id, Acked(order=self.leave(), fills=()))]
            case SendCancel() | SendEdit():
                return [Answered(effect.intent_id, Ambiguous("nothing rests here"))]
            case Gather():
                return [self._read(effect)]
            case ReadInstruments():
                return [self._definitions()]
            case Watch():
                return [Subscribed(self.epoch, ())] if self.state.link.is_listening else []
            case Stop():
                self.is_over = True
                return []
            case _:
                return []

    def _definitions(self) -> InstrumentsRead:
        return InstrumentsRead(BTC, (PERPETUAL,) if self.is_expired else INSTRUMENTS)

    def _read(self, ask: Gather) -> Gathered:
        told = self.venue.answer(ask, at_ms=self.now_ms)
        if self.foreign is not None:
            told = replace(told, open_orders=(self.foreign,))
        positions = dict(told.positions)
        delivered: dict[str, Decimal] = {}
        if self.is_expired:
            for of in OPTIONS:
                delivered[of.name] = positions.pop(of.name, Decimal(0))
            day = iso(OPTIONS[0].expiry_ms or 0)[:10]
            told = replace(
                told,
                delivery_prices={OPTIONS[0].index: {day: Price(Decimal(60_000))}},
                delivered={of.name: delivered[of.name] for of in OPTIONS},
            )
        if self.reading == "differing":
            name = PERPETUAL.name
            positions[name] = Amount(positions.get(name, Decimal(0)) + 10)
        failures = ("positions",) if self.reading == "failed" else ()
        return replace(told, positions=positions, failures=failures, has_history=True)


def _undecided(intent: OrderIntent) -> Fate:
    raise AssertionError(f"{intent.instrument}: no event has said what becomes of it")


def begin() -> World:
    """Return the world in which every path begins: flat, connected, proven, opens open."""
    mind = Mind()
    state = fresh(empty(OWNER), decide=mind.decide)
    world = World(
        mind=mind, state=state, venue=Venue(_undecided), now_ms=START_MS, mono_ms=5_000_000
    )
    world.connect()
    return world
