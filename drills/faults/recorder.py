"""Write down mode, latch, causes, faults and orders while a drill goes its way."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, final

from bot.core.life import Phase
from bot.core.state import State
from bot.domain.mode import Mode
from bot.simulator.exchange.record import LogEntry
from drills.faults.seen import Moment, OrderSeen, Stand
from drills.world.exchange import ACCOUNT
from drills.world.world import World

__all__ = ["Recorder"]

_MOMENTS_MAX: Final = 5_000
_NOWHERE: Final = Stand(None, False, ())


@final
class Recorder:
    """The onlooker of one drill. What it says of the venue is from the venue's own log."""

    def __init__(self, world: World) -> None:
        """Begin with nothing seen."""
        self.moments: list[Moment] = []
        self.orders: dict[str, OrderSeen] = {}
        self.reached: Counter[tuple[str, Phase]] = Counter()
        self.raised: set[str] = set()
        self.shut_by: set[str] = set()
        self.struck_ms: int | None = None
        self.safe_ms: int | None = None
        self.ended_ms = 0
        self.held: frozenset[str] = frozenset()  # at the venue, when the watch ended
        self.struck_seq = self.ended_seq = 0  # the last durable record when the fault struck, and
        # when the watch ended
        self._world = world
        self._state: State | None = None
        self._injected: Counter[str] = Counter()
        self._is_over = self._is_back = False

    @property
    def now_ms(self) -> int:
        """True time since the start."""
        return self._world.true.now_ms() - self._world.began_ms

    def end_watch(self) -> Stand:
        """From here on everything heals: safety is not looked for any more."""
        self._is_over = True
        self.ended_ms, self.ended_seq = self.now_ms, self._world.truth.head[0]
        positions = self._world.exchange.venue.accounts[ACCOUNT].positions
        self.held = frozenset(name for name, of in positions.items() if of.quantity != 0)
        return self.stand()

    def stand(self) -> Stand:
        """Say where the engine stands now."""
        living = self._world.living
        if living is None or living.state is None:
            return _NOWHERE
        state: State = living.state
        shut = (cause.reason.value for cause in state.proofs.causes)
        forced = (reason.value for reason in state.durable.causes)
        return Stand(state.durable.mode, state.proofs.is_open, tuple(sorted({*forced, *shut})))

    def say(self, what: str, now: str, because: Iterable[str] = ()) -> None:
        """Write a moment down."""
        if len(self.moments) >= _MOMENTS_MAX:
            raise RuntimeError(f"{_MOMENTS_MAX} moments are no drill any more")
        self.moments.append(Moment(self.now_ms, what, now, tuple(because)))

    def life_ended(self, how: str) -> None:
        """Hear that a life is over: nothing can be opened until the next one."""
        self.say("engine", how)
        self._state = None
        self._look()

    def note_faults(self) -> None:
        """Write down what has struck since the last look; the first of it is where time begins."""
        total = self._world.injected + self._world.exchange.floor.trouble.injected
        if total == self._injected:
            return
        for name in sorted(total - self._injected):
            self.say("fault", name)
            if self.struck_ms is None:
                self.struck_ms, self.struck_seq = self.now_ms, self._world.truth.head[0]
        self._injected = total

    def turned(self, before: State, after: State, /) -> None:
        """Hear of a turn of the engine that changed its state."""
        self.note_faults()
        is_first = self._state is None
        self._note_orders(None if is_first else before, after)
        self._note_causes(None if is_first else before, after)
        self._note_latch(None if is_first else before, after)
        self._note_group(None if is_first else before, after)
        self._state = after
        self._look()

    def sent(self, label: str, /) -> None:
        """Hear of an order whose first byte is about to leave."""
        living = self._world.living
        if living is None:
            raise RuntimeError(f"{label} leaves, and no engine lives")
        found: State = living.engine.shell.state
        order = next(order for order in found.durable.orders.values() if order.label == label)
        self.orders[label] = OrderSeen(
            label=label,
            role=order.intent.role,
            sent_ms=self.now_ms,
            is_watched=not self._is_over,
            is_allowed=found.durable.mode is Mode.ACTIVE and found.proofs.is_open,
        )

    def stepped(self) -> None:
        """Hear that something outside of the engine has taken its turn: a fault may have struck."""
        self.note_faults()

    def at_venue(self, entries: tuple[LogEntry, ...], /) -> None:
        """Hear of what is new in the exchange's own log of our orders."""
        self.note_faults()
        for entry in entries:
            order = self.orders.get(entry.label)
            if order is None:
                continue
            if entry.event == "new":
                order.placed_ms.append(self.now_ms)
                order.held = entry
            elif entry.event == "cancel":
                order.taken_off_ms = self.now_ms
        self._look()

    def _note_orders(self, before: State | None, after: State) -> None:
        durable = after.durable
        was = None if before is None else before.durable
        if was is not None and was.orders is durable.orders and was.closed is durable.closed:
            return
        for key in (*durable.orders, *durable.closed):
            order = durable.orders.get(key) or durable.closed[key]
            old = None if was is None else was.orders.get(key) or was.closed.get(key)
            if old is None or old.phase is not order.phase:
                self.reached[order.label, order.phase] += 1

    def _note_causes(self, before: State | None, after: State) -> None:
        was = frozenset() if before is None else frozenset(before.durable.causes)
        for reason, cause in after.durable.causes.items():
            if reason not in was:
                if not self._is_over:
                    self.raised.add(reason.value)
                self.say("cause", reason.value, (cause.detail,))
        old = None if before is None else before.durable.mode
        mode = after.durable.mode
        if mode is not old:
            self.say("mode", mode.value, sorted(r.value for r in after.durable.causes))

    def _note_latch(self, before: State | None, after: State) -> None:
        old = None if before is None else before.proofs
        reasons = sorted({cause.reason.value for cause in after.proofs.causes})
        known = None if old is None else sorted({cause.reason.value for cause in old.causes})
        if self.struck_ms is not None and not self._is_over and not after.proofs.is_open:
            self.shut_by.update(reasons)
        if old is None or old.is_open is not after.proofs.is_open or reasons != known:
            self.say("latch", "open" if after.proofs.is_open else "shut", reasons)

    def _note_group(self, before: State | None, after: State) -> None:
        was, group = None if before is None else before.durable.group, after.durable.group
        if group is not None and (was is None or was.stage is not group.stage):
            self.say("group", group.stage.value, (group.group_id, f"{group.rescues} rescues"))

    def _can_open(self) -> bool:
        state = self._state
        return state is not None and state.durable.mode is Mode.ACTIVE and state.proofs.is_open

    def _look(self) -> None:
        """Note since when it has been safe, until opens are allowed again.

        What was under way when the mode was forced may come to rest after it: then it is not safe
        yet.
        """
        if self.struck_ms is None or self._is_over or self._is_back:
            return
        if self._can_open():
            self._is_back = self.safe_ms is not None
            return
        is_forced = self._state is not None and self._state.durable.mode is not Mode.ACTIVE
        if is_forced and self.resting():
            self.safe_ms = None
        elif self.safe_ms is None:
            self.safe_ms = self.now_ms

    def resting(self) -> list[str]:
        """Name the opens of ours that rest at the venue."""
        return sorted(
            order.label
            for order in self._world.exchange.venue.open.values()
            if order.label in self.orders and not self.orders[order.label].role.is_exit
        )
