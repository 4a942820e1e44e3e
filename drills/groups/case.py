"""One case of a group: its legs, and what becomes of each order. Run through the real core."""

from collections import deque
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, final

from bot.core.durable import empty
from bot.core.effect import Commit, Effect, Gather, ReadInstruments, SendCancel, SendEdit, SendOrder
from bot.core.event import (
    Answered,
    ClockSampled,
    Committed,
    Connected,
    Event,
    Happening,
    InstrumentsRead,
    Observed,
    OperatorMode,
    Protected,
    Reported,
    Subscribed,
    Tick,
)
from bot.core.fold import apply
from bot.core.outcome import Ambiguous
from bot.core.record import GroupStep, Record
from bot.core.step import step
from bot.domain.mode import Mode
from bot.domain.order import Role
from bot.intent.intent import Intent, OrderIntent
from bot.strategy.interface import Params, Proposal, View
from drills.groups.engine import OWNER, WELL, fresh, wish
from drills.groups.judge import SIDES, Ran, judge
from drills.groups.market import BTC, INSTRUMENTS, OPTIONS, PERPETUAL, START_MS, quotes
from drills.groups.venue import Fate, Venue

__all__ = ["Case", "run_case"]

_STEP_MS: Final = 500
_BOUND_MS: Final = 120_000  # a group ends within this, whatever happens (RELIABILITY §6)
_AFTER_MS: Final = 20_000  # for the guard's hedge of what could not be closed


@final
@dataclass(frozen=True, slots=True)
class Case:
    """The fate of each leg's first order, of every rescue, of every exit, and of hedges.

    `killed_after` asks for KILL once so many legs were tried; None never does.
    """

    legs: tuple[Fate, ...]  # in the order of OPTIONS
    rescues: Fate = Fate.NOTHING
    exits: Fate = Fate.WHOLE
    hedges: Fate = Fate.WHOLE
    killed_after: int | None = None
    restarts: bool = False  # folded anew from its records after each step

    def words(self) -> str:
        """Name it in a line."""
        legs = ", ".join(fate.value for fate in self.legs)
        killed = "" if self.killed_after is None else f", KILL after leg {self.killed_after}"
        again = ", restarting" if self.restarts else ""
        return (
            f"legs {legs}; rescues {self.rescues.value}; exits {self.exits.value}; "
            f"hedges {self.hedges.value}{killed}{again}"
        )


class _Desk:
    """The real core, whose shell is a queue and whose venue is the case's."""

    def __init__(self, case: Case, venue: Venue) -> None:
        self.case, self.venue, self.ran = case, venue, Ran(venue=venue)
        self.wants: tuple[Proposal, ...] = ()
        self.now_ms, self.mono_ms = START_MS, 5_000_000
        self.first = empty(OWNER)
        self.records: list[Record] = []
        self.state = fresh(self.first, decide=self._decide)

    def _decide(self, _view: View, _params: Params) -> tuple[Proposal, ...]:
        wants, self.wants = self.wants, ()
        return wants

    def feed(self, what: Happening) -> None:
        """Take one event, and all that follows from it at once."""
        events: deque[Happening] = deque((what,))
        while events:
            event = Event(now_ms=self.now_ms, mono_ms=self.mono_ms, what=events.popleft())
            self.state, effects = step(self.state, event)
            for effect in effects:
                events.extend(self._carry_out(effect))
            self._look()

    def _carry_out(self, effect: Effect) -> list[Happening]:
        match effect:
            case Commit():
                self.records += [entry.record for entry in effect.entries]
                return [Committed(effect.batch)]
            case SendOrder():
                self._sent(effect)
                outcome = self.venue.place(effect.intent, effect.label, at_ms=self.now_ms)
                return [Answered(effect.intent_id, outcome)]
            case SendCancel() | SendEdit():
                return [Answered(effect.intent_id, Ambiguous("nothing rests here"))]
            case Gather():
                return [self.venue.answer(effect, at_ms=self.now_ms)]
            case ReadInstruments():
                return [InstrumentsRead(BTC, INSTRUMENTS)]
            case _:
                return []

    def _sent(self, effect: SendOrder) -> None:
        """Watch each order at the moment when it leaves."""
        intent: Intent = effect.intent
        if not isinstance(intent, OrderIntent):
            return
        self.ran.orders.append(intent)
        group = self.state.durable.group
        others = [
            order
            for order in self.state.durable.orders.values()
            if order.intent_id != effect.intent_id and order.remaining > 0
        ]
        if intent.role is Role.OPEN and others:
            self.ran.broken.append("a leg was decided while another could still fill")
        if intent.role is Role.OPEN and self.state.durable.mode is not Mode.ACTIVE:
            self.ran.broken.append("an open left outside ACTIVE")
        if group is not None and group.rescues > 2:  # C-402
            self.ran.broken.append(f"{group.rescues} rescues")

    def _look(self) -> None:
        """No exit may ever turn a leg over."""
        for of, side in zip(OPTIONS, SIDES[len(self.case.legs)], strict=False):
            held = self.venue.positions.get(of.name, Decimal(0)) * side.sign
            if held < 0:
                self.ran.broken.append(f"{of.name} was turned over")

    def tick(self) -> None:
        """Let time pass, with a fresh market."""
        self.now_ms += _STEP_MS
        self.mono_ms += _STEP_MS
        for report in quotes(self.now_ms):
            self.feed(Reported(report))
        self.feed(ClockSampled(offset_ms=0, bound_ms=5))
        self.feed(Observed(WELL))
        self.feed(Tick())

    def connect(self, epoch: int) -> None:
        """Come to an open latch."""
        self.feed(Connected(epoch))
        self.feed(Protected(epoch))
        self.feed(InstrumentsRead(BTC, INSTRUMENTS))
        self.tick()
        self.feed(Subscribed(epoch, ()))
        self.tick()

    def restart(self) -> None:
        """Forget everything but the records, as a crash does between two turns."""
        durable = self.first
        for number, record in enumerate(self.records, 1):
            durable = apply(durable, record, seq=number)
        if durable != self.state.durable:
            self.ran.broken.append("the records do not fold to the state")
        again = fresh(durable, decide=self._decide, seq=self.state.seq)
        self.state = replace(again, now_ms=self.now_ms, mono_ms=self.mono_ms)
        self.connect(1)


def run_case(case: Case) -> Ran:
    """Run one group to its end, and say what must not have happened."""
    tried: set[int] = set()

    def fate(intent: OrderIntent) -> Fate:
        if intent.role is Role.HEDGE or intent.instrument == PERPETUAL.name:
            return case.hedges
        if intent.role is not Role.OPEN:
            return case.exits
        leg = [of.name for of in OPTIONS].index(intent.instrument)
        if leg in tried:
            return case.rescues
        tried.add(leg)
        return case.legs[leg]

    desk = _Desk(case, Venue(fate))
    desk.connect(1)
    desk.wants = (wish(len(case.legs)),)
    desk.tick()
    begun_ms = desk.now_ms
    is_killed, seen = False, len(desk.records)
    while (group := desk.state.durable.group) is None or not group.stage.is_over:
        if desk.now_ms - begun_ms > _BOUND_MS:
            desk.ran.broken.append("it never ended")
            break
        steps = sum(1 for record in desk.records if isinstance(record, GroupStep))
        if case.killed_after is not None and not is_killed and steps >= case.killed_after:
            desk.feed(OperatorMode(request_id="k", mode=Mode.KILL, by="owner", why="drill"))
            is_killed = True
        if case.restarts and len(desk.records) > seen:
            desk.restart()
        seen = len(desk.records)
        desk.tick()
    ran = desk.ran
    ran.group, ran.took_ms = desk.state.durable.group, desk.now_ms - begun_ms
    for _ in range(_AFTER_MS // _STEP_MS):
        desk.tick()
    ran.state = desk.state
    ran.broken += judge(ran, is_hedgeable=case.hedges is Fate.WHOLE)
    return ran
