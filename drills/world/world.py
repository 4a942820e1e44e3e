"""One world: an engine's lives, the exchange, the disk and the clocks, in one run of one seed."""

import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar, final
from urllib.parse import SplitResult

import msgspec
import trio
from trio.testing import MockClock

from bot.core.record import Rearmed
from bot.core.state import State
from bot.domain.ids import RunId
from bot.domain.mode import Environment, Mode
from bot.domain.reason import Reason
from bot.engine.seams import Seams
from bot.engine.start import Ready, fresh_run_id
from bot.intent.label import label_of
from bot.monitors.observed import KernelClock, Machine
from bot.simulator.http import serve_connection
from bot.strategy.heartbeat import HEARTBEAT
from bot.venue.link import Dial, Link
from bot.venue.websocket import websocket_dial
from drills.frame import ORDER_METHODS, is_cancel
from drills.world.clock import START_MS, HostClock, TrueClock
from drills.world.disk import Disk
from drills.world.exchange import ACCOUNT, Exchange, open_exchange
from drills.world.fault import FAULTS, HOPELESS
from drills.world.invariants.editing import EDITING
from drills.world.invariants.groups import GROUP_SENDING, GROUPS
from drills.world.invariants.opened import sticky_stays
from drills.world.invariants.seen import Change, Editing, Sending, Truth, VenueTurn
from drills.world.invariants.sending import SENDING
from drills.world.invariants.state import STATE
from drills.world.invariants.venue import VENUE
from drills.world.onlooker import Nobody, Onlooker
from drills.world.process import PROCESS, Doom, Killed, Process
from drills.world.storm_link import Path as LinkPath
from drills.world.storm_link import StormLine, storm_dial
from drills.world.weather import Profile, Weather
from drills.world.wire_link import WireEnd, wire_pair
from drills.world.witness import Witness
from drills.world.writer import open_world_writer
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.read import open_reader
from ledger.reserve import Reserved
from ledger.writer import Writer

__all__ = ["Broken", "World", "process_of"]

T = TypeVar("T")
_ADDRESS: Final = "ws://127.0.0.1:1/ws/api/v2"
_PLACING: Final = frozenset({"private/buy", "private/sell"})
_ILLEGAL: Final = frozenset({10002, 10021, 10023, 10027, 11055, -32602, -32000})
_OFF_TICK: Final = 10043
_METHOD: Final = re.compile(rb'"method":"([a-z_/]+)"')
_NO_CREDITS: Final = 10028
_ROOM: Final = 10**11  # bytes, and file entries, that a disk has free


class Broken(BaseException):
    """An invariant does not hold: its name, and what was found. Ends the run at once."""

    def __init__(self, name: str, found: str) -> None:
        """Name it."""
        super().__init__(f"{name}: {found}")
        self.name, self.found = name, found


class _Request(msgspec.Struct, frozen=True):
    id: int | None = None
    method: str = ""
    params: dict[str, Any] = {}


class _Answer(msgspec.Struct, frozen=True):
    id: int | None = None
    error: dict[str, Any] | None = None


@final
class World:
    """What all parts of one run share."""

    def __init__(
        self,
        weather: Weather,
        *,
        ready: Ready,
        home: Path,
        clock: MockClock,
        nursery: trio.Nursery,
        story: TextIO | None = None,
    ) -> None:
        """Put the world together; nothing moves yet."""
        self.weather = weather
        self._ready = ready
        self.home = home
        self._nursery = nursery  # of what is no engine's: the exchange's ends of lines
        self._outside = copy_context()  # a task inherits its maker's process; these have none
        self.true = TrueClock(clock, start_ms=START_MS)
        self.began_ms = self.ended_ms = self.true.now_ms()
        self.witness = Witness(self.true.now_ms, story=story)
        self.disk = Disk(home, draw=self.stream("disk"), told=self._on_disk)
        venue_rates = {n: r for n, r in weather.rates.items() if n not in {*FAULTS, *HOPELESS}}
        self.exchange: Exchange = open_exchange(weather, self.true, rates=venue_rates)
        self.truth = Truth(
            venue=self.exchange.venue,
            durable_labels=self.disk.durable_labels,
            faults=frozenset(weather.rates) | {name for _, name in weather.script},
        )
        self.injected: Counter[str] = Counter()
        self.processes: list[Process] = []
        self.crashes = 0
        self.is_healed = False
        self.healed = trio.Event()
        self.drift_ppm = 0.0
        self.wall_step_ms = 0
        self.barrier_s: Callable[[], float] = lambda: 0.0  # asked once for each barrier
        self.is_barrier_slow = False  # some barriers take longer for now
        self.is_quiet = False  # the next lives propose nothing
        self.was_damaged = False  # before the last damage to the ledger
        self.is_last = False  # no life follows the present one
        self.broken = trio.Event()
        self.finding: tuple[str, str] | None = None
        # What becomes of the machine's own figures before the engine hears them.
        self.machine_says: Callable[[Machine], Machine] = lambda true: true
        self.start_rival: Callable[[], Awaitable[None]] = trio.lowlevel.checkpoint
        self.onlooker: Onlooker = Nobody()
        self._tokens = self.stream("tokens")
        self._path_draw = self.stream("path")
        self._doom_draw = self.stream("doom")
        self._injected_seen: Counter[str] = Counter()
        self._log_seen = self._trades_seen = 0
        self._lines: list[tuple[Process, StormLine | WireEnd]] = []
        self._connections = 0
        self._orders_asked: dict[int, str] = {}
        self._held: dict[Process, Ledger] = {}
        self._fences: dict[str, int] = {}
        self._late: dict[str, str] = {}

    def stream(self, name: str) -> random.Random:
        """Return a stream of the seed of its own."""
        return random.Random(f"{self.weather.seed}/{name}")  # noqa: S311  # no secrets

    def close(self) -> None:
        """Let the seam go."""
        self.disk.close()

    # Lives.

    def ready(self) -> Ready:
        """Return what a next life starts with."""
        settings = replace(self._ready.settings, run_id=fresh_run_id(self._token))
        if self.is_quiet:
            settings = replace(settings, strategy=HEARTBEAT, params=HEARTBEAT.defaults)
        return replace(self._ready, settings=settings)

    def seams(self, process: Process) -> Seams:
        """Return a process's seams: revoked in the moment in which it dies."""
        process.clock = HostClock(self.true, drift_ppm=self.drift_ppm, step_ms=self.wall_step_ms)
        return Seams(
            clock=process.clock,
            token=self._token,
            dial=partial(self._dial, process),
            open_writer=partial(self._open_writer, process),
            in_thread=partial(self._in_place, process),
            vfs=self.disk.name,
            files=self.disk,
            open_log=partial(_Silent, self.witness),
            pid=lambda: process.number,
            machine=self._machine,
            pace=self.weather.pace,
        )

    def _machine(self, _home: Path, _environment: Environment) -> Machine:
        """What the engine's machine says of itself: a disk that is full says so."""
        is_full = self.disk.fault("write", "probe") == "full"
        true = Machine(
            age_ms=0,
            bytes_free=0 if is_full else _ROOM,
            entries_free=_ROOM,
            reserve_fault=None,
            kernel_clock=KernelClock(is_synced=True, error_ms=1),
            policy_hash=self._ready.settings.policy_hash,
        )
        return self.machine_says(true)

    def hold(self, process: Process, ledger: Ledger) -> None:
        """Note that a process holds the ledger."""
        self._held[process] = ledger

    def let_go(self, process: Process) -> None:
        """Close what a process held; of a dead one nothing reaches the disk any more."""
        ledger = self._held.pop(process, None)
        if ledger is None:
            return
        if process.is_dead:
            ledger.poison_with("killed")
        try:
            ledger.close()
        except (LedgerError, Killed):
            self.witness.saw("a ledger could not be closed in order")

    @property
    def holders(self) -> int:
        """How many living processes hold the ledger."""
        return sum(1 for process in self._held if not process.is_dead)

    def on_death(self, process: Process) -> None:
        """Break off a dead process's connections; nobody does when the machine itself is gone."""
        self.crashes += 1
        self.witness.say(f"process {process.number} dies: {process.doom.value}")
        for owner, line in self._lines:
            if owner is not process:
                continue
            is_gone = process.doom is Doom.VANISHED or (
                process.doom is Doom.POWER_CUT and self._doom_draw.random() < 0.5
            )
            if is_gone:
                line.vanish()
            else:
                line.leave(is_cut=True)

    # Looking.

    def step(self, process: Process | None, name: str) -> None:
        """Hear of a turn before it is taken."""
        self.witness.step(name)
        if process is not None:
            process.step()

    def look(self, process: Process) -> None:
        """Look at everything that a turn may have changed. Raises Broken."""
        if process.is_dead or process.engine is None:
            return
        shell = process.engine.shell
        after: State = shell.state
        if after is process.state:
            return
        before: State = process.state or after
        process.state = after
        self.truth.venue_ms = self.true.venue_ms()
        self.note_durable(process)
        self._note_faults()
        self._note_mode(after)
        self.onlooker.turned(before, after)
        seen = Change(self.truth, before, after, len(shell.inbox))
        for check in (*STATE, *GROUPS):
            self.require(check.__name__, check(seen))
        for label, phase in _phases(before, after):
            self.witness.say(f"order {label[-6:]} {phase}")
            self.witness.saw(f"order {phase}")
        group, was = after.durable.group, before.durable.group
        if group is not None and (
            was is None or (was.group_id, was.stage) != (group.group_id, group.stage)
        ):
            self.witness.say(f"group {group.group_id} {group.stage.value}")
            self.witness.saw(f"group {group.stage.value}")
        for name in set(after.durable.closings) - set(before.durable.closings):
            self.witness.say(f"closing {name}")
            self.witness.saw("closing begun")
        if before.durable.mode is not after.durable.mode:
            self.witness.say(f"mode {after.durable.mode.value}")
            self.witness.saw(f"mode {after.durable.mode.value}")

    def look_at_venue(self) -> None:
        """Look at what has changed at the exchange. Raises Broken."""
        self.onlooker.stepped()
        venue = self.exchange.venue
        log = venue.order_log
        trades = venue.user_trades.get(ACCOUNT, [])
        if len(log) == self._log_seen and len(trades) == self._trades_seen:
            return
        self.truth.venue_ms = self.true.venue_ms()
        fresh = tuple(entry for entry in log[self._log_seen :] if entry.account == ACCOUNT)
        traded = tuple(trades[self._trades_seen :])
        self._log_seen, self._trades_seen = len(log), len(trades)
        self.onlooker.at_venue(fresh)
        for entry in fresh:
            label, order_id = entry.label, entry.order_id
            self.witness.say(f"venue: {entry.event} {order_id} {label[-6:]}")
            self.witness.saw(f"venue {entry.event}")
            if entry.event == "new":
                self.truth.placed.setdefault(label, set()).add(order_id)
                if entry.at_ms > self._fences.get(label, entry.at_ms):
                    self._late[order_id] = label
        # One that crosses is taken and filled in one look: what is late is known only by now.
        self.truth.late |= {
            self._late[trade.order_id] for trade in traded if trade.order_id in self._late
        }
        living = self.living
        state = living.state if living is not None else None
        self._note_faults()
        if self.truth.struck.get("order_doubled") == self.truth.venue_ms:
            self.truth.doubled |= {entry.label for entry in fresh if entry.event == "new"}
        seen = VenueTurn(self.truth, state, fresh, traded, frozenset(self._late))
        for check in VENUE:
            self.require(check.__name__, check(seen))

    @property
    def living(self) -> Process | None:
        """The engine that lives now, if one does."""
        for process in reversed(self.processes):
            if not process.is_over and not process.is_dead and process.engine is not None:
                return process
        return None

    def inject(self, name: str, what: str = "") -> None:
        """Count a fault that happened."""
        self.injected[name] += 1
        self.witness.say(f"fault {name} {what}".rstrip())

    # Lines.

    def _dial(self, process: Process, _address: str) -> Dial:
        if self.weather.profile is Profile.STORM:
            bare = self._storm_dial(process)
        else:
            bare = websocket_dial(_ADDRESS, connect=partial(self._connect, process))

        @asynccontextmanager
        async def dial() -> Any:
            async with bare() as link:
                yield _Told(self, process, link)

        return dial

    def _storm_dial(self, process: Process) -> Dial:
        path = LinkPath(self._up_s, self._down_s)

        def open_line() -> StormLine:
            self._connections += 1
            line = StormLine(self.exchange.floor, connection=f"line-{self._connections}", path=path)
            self._lines = [(p, old) for p, old in self._lines if not p.is_dead]
            self._lines.append((process, line))
            return line

        return storm_dial(self.exchange.floor, open_line, self._spawn, path=path)

    async def _connect(self, process: Process, _parts: SplitResult) -> trio.abc.Stream:
        await trio.sleep(self._up_s() + self._down_s())
        ours, theirs = wire_pair(self._up_s, self._down_s)
        self._connections += 1
        self._lines.append((process, ours))
        self._spawn(partial(self._serve, theirs, f"line-{self._connections}"))
        return ours

    async def _serve(self, stream: WireEnd, connection: str) -> None:
        async with stream:
            await serve_connection(
                stream, floor=self.exchange.floor, connection=connection, is_full=False
            )

    def _spawn(self, act: Callable[[], Awaitable[None]]) -> None:
        self._outside.copy().run(self._nursery.start_soon, act)

    def _up_s(self) -> float:
        return self.weather.up_ms * self._path_draw.uniform(0.5, 1.5) / 1_000

    def _down_s(self) -> float:
        return self.weather.down_ms * self._path_draw.uniform(0.5, 1.5) / 1_000

    def sending(self, process: Process, text: bytes) -> None:
        """Look at a frame before its first byte leaves. Raises Broken or Killed."""
        self.witness.bytes_moved("up", text)
        if b'"private/' not in text:
            return
        request = msgspec.json.decode(text, type=_Request)
        if is_cancel(request.method):
            self.witness.saw(request.method)
        if request.method not in ORDER_METHODS:
            return
        self.truth.venue_ms = self.true.venue_ms()
        self._note_faults()
        state: State = process.engine.shell.state
        if request.method in _PLACING:
            self._order_leaves(process, request, state)
        else:
            self._edit_leaves(process, request, state)
        self.witness.saw(request.method)

    def _order_leaves(self, process: Process, request: _Request, state: State) -> None:
        label = str(request.params.get("label", ""))
        process.send()
        seen = Sending(self.truth, request.method, label, request.params, state)
        for check in (*SENDING, *GROUP_SENDING):
            self.require(check.__name__, check(seen))
        self.truth.sent[label] = self.truth.sent.get(label, 0) + 1
        self.onlooker.sent(label)
        self._fences[label] = int(request.params.get("valid_until", 0))
        if request.id is not None:
            self._orders_asked[request.id] = label
        self.witness.say(f"sent {request.method} {label[-6:]}")

    def _edit_leaves(self, process: Process, request: _Request, state: State) -> None:
        """Find the edit's own intent, which the frame does not name, and look at it."""
        target = request.params.get("order_id")
        order = next((o for o in state.durable.orders.values() if o.order_id == target), None)
        process.send()
        self.witness.say(f"sent {request.method} {str(target)[-6:]}")
        if order is None or order.edit is None:
            self.witness.saw("an edit of what has ended meanwhile")
            return
        if request.id is not None:
            self._orders_asked[request.id] = order.label
        label = label_of(order.edit.intent_id, owner=state.durable.owner)
        until = request.params.get("valid_until")
        seen = Editing(self.truth, label, order, order.edit, until, state)
        for check in EDITING:
            self.require(check.__name__, check(seen))
        self.truth.edits_sent[label] = self.truth.edits_sent.get(label, 0) + 1

    def received(self, text: bytes) -> None:
        """Look at a frame that came."""
        self.witness.bytes_moved("down", text)
        if b'"error"' not in text:
            return
        try:
            answer = msgspec.json.decode(text, type=_Answer)
        except msgspec.DecodeError:
            return
        label = self._orders_asked.pop(answer.id, None) if answer.id is not None else None
        if label is None or answer.error is None:
            return
        code = answer.error.get("code")
        self.truth.venue_ms = self.true.venue_ms()
        self._note_faults()
        self.witness.say(f"refused {code} {label[-6:]}")
        self.witness.saw(f"refused {code}")
        if code == _NO_CREDITS and not self.truth.recently("rate_storm", "rate_refused", "flood"):
            self.truth.overdrawn.append(f"{label}: {answer.error}")
        is_lie = self.truth.recently("refusal", "refused_but_live", "bad_value", within_ms=10_000)
        is_off_tick = code == _OFF_TICK and not self.truth.recently("tick_changed")
        if (code in _ILLEGAL or is_off_tick) and not is_lie:
            self.truth.illegal.append(f"{label}: {answer.error}")

    # The rest.

    @asynccontextmanager
    async def _open_writer(self, process: Process, ledger: Ledger) -> Any:
        async with open_world_writer(ledger, barrier_s=lambda: self.barrier_s()) as writer:
            yield _ToldWriter(self, process, writer)

    async def _in_place(self, process: Process, act: Callable[[], T], /) -> T:
        await trio.lowlevel.checkpoint()
        done = act()
        if isinstance(done, Reserved) and not process.is_dead:
            self.truth.reserved.update(permit.intent_id for permit in done.recorded)
            self.witness.saw("the reserve took a commit")
        return done

    def _note_faults(self) -> None:
        """Note what has done something since the last look, and whether all is calm."""
        trouble, truth = self.exchange.floor.trouble, self.truth
        total = trouble.injected + self.injected
        if total != self._injected_seen:
            for name, count in total.items():
                if count != self._injected_seen[name]:
                    truth.struck[name] = truth.venue_ms
            self._injected_seen = total
            truth.calm_since_ms = truth.venue_ms
        standing = [name for name in truth.faults if trouble.until_ms(name) > truth.venue_ms]
        is_failing = self.disk.fault("write", "probe") is not None or self.is_barrier_slow
        if standing or is_failing:
            truth.calm_since_ms = truth.venue_ms
            truth.struck.update(dict.fromkeys(standing, truth.venue_ms))

    def _note_mode(self, after: State) -> None:
        """Note since when the durable mode forbids what may rest."""
        if after.durable.mode is Mode.ACTIVE:
            self.truth.tight_since_ms = None
        elif self.truth.tight_since_ms is None:
            self.truth.tight_since_ms = self.truth.venue_ms

    def note_durable(self, process: Process) -> None:
        """Note what has become durable."""
        ledger = self._held.get(process)
        if ledger is None or ledger.poison is not None:
            return
        head = ledger.head
        if head.seq > self.truth.head[0]:
            causes = frozenset(ledger.state.causes)
            if self.truth.causes - causes:
                rearmed = self._rearmed(after=self.truth.head[0])
                found = sticky_stays(self.truth, causes, rearmed=rearmed)
                self.require(sticky_stays.__name__, found)
            self.truth.head = (head.seq, head.hash)
            self.truth.causes, self.truth.causes_ms = causes, self.true.venue_ms()

    def _rearmed(self, *, after: int) -> frozenset[Reason]:
        """Read what the owner has cleared by the records after this one."""
        cleared: set[Reason] = set()
        with open_reader(self.home) as reader:
            for written in reader.entries(after=after):
                record = written.entry.record
                if isinstance(record, Rearmed) and record.by == "owner":
                    cleared.update(record.cleared)
        return frozenset(cleared)

    def _on_disk(self, what: str, file: str, offset: int, data: bytes) -> None:
        self.witness.bytes_moved(f"{what} {file} {offset}", data)

    def require(self, name: str, found: str | None) -> None:
        """Keep the first finding and raise Broken for it."""
        if found is not None:
            if self.finding is None:
                self.finding = (name, found)
                self.witness.say(f"BROKEN {name}: {found}")
                self.broken.set()
            raise Broken(name, found)

    def _token(self, count: int) -> str:
        return self._tokens.randbytes(count).hex()


@final
class _Told:
    """The engine's end of a connection, with the world looking on."""

    def __init__(self, world: World, process: Process, link: Link) -> None:
        self._world, self._process, self._link = world, process, link
        self._asked: set[str] = set()
        world.truth.asked = self._asked

    async def send(self, text: bytes) -> None:
        if not self._process.is_dead:
            self._world.sending(self._process, text)
            self._asked.update(name.decode() for name in _METHOD.findall(text))
        if self._process.is_dead:
            await trio.sleep_forever()
        await self._link.send(text)

    async def receive(self) -> bytes:
        text = await self._link.receive()
        if self._process.is_dead:
            await trio.sleep_forever()
        self._world.received(text)
        return text

    async def aclose(self) -> None:
        if not self._process.is_dead:
            await self._link.aclose()


@final
class _ToldWriter:
    """The writer, with the world noting what became durable."""

    def __init__(self, world: World, process: Process, writer: Writer) -> None:
        self._world, self._process, self._writer = world, process, writer

    async def commit(self, entries: Any) -> Any:
        try:
            return await self._writer.commit(entries)
        finally:
            if not self._process.is_dead:
                self._world.note_durable(self._process)


@final
class _Silent:
    """A log that keeps no file: the world's own witness hears enough."""

    dropped = 0

    def __init__(self, witness: Witness, _path: Path, _run_id: RunId) -> None:
        self._witness = witness

    def say(self, event: str, *, at_ms: int, **facts: Any) -> None:  # noqa: ARG002  # a seam's form
        if event in ("crash", "ledger_failed", "reserve_failed", "lock_lost", "cause", "operator"):
            self._witness.say(f"engine: {event} {facts}")

    def close(self) -> None:
        pass


def _phases(before: State, after: State) -> Iterator[tuple[str, str]]:
    """Yield what has become of orders in one turn."""
    was, now = before.durable.orders, after.durable.orders
    if was is now:
        return
    for key in (*now, *(key for key in was if key not in now)):
        old, order = was.get(key), now.get(key) or after.durable.closed.get(key)
        if order is not None and (old is None or old.phase is not order.phase):
            yield order.label, order.phase.value


def process_of(task: trio.lowlevel.Task) -> Process | None:
    """Return the process that a task belongs to, None for the rest of the world."""
    found: Process | None = task.context.get(PROCESS)
    return found
