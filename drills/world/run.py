"""One seed from its first step to its verdict: lives, weather, healing, and both stories."""

import random
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final, TextIO, final

import msgspec
import trio
import trio.abc
from trio.testing import MockClock

from bot.control.errors import UserError
from bot.control.port import Down
from bot.core.durable import encode_state, trade_key
from bot.core.life import Phase
from bot.core.record import FillBooked, IntentRecorded, ModeCauseRaised
from bot.domain.ids import RunId
from bot.domain.mode import Mode
from bot.intent.intent import OrderIntent
from bot.simulator.exchange.trade import UserTrade
from drills.story import Placed, Traded, VenueStory
from drills.witness_ledger import read_story
from drills.world.exchange import ACCOUNT
from drills.world.fates import Fates, damage, mend, rearm
from drills.world.invariants.end import ALWAYS, END
from drills.world.invariants.seen import End
from drills.world.life import Ending, live
from drills.world.process import Doom, Process
from drills.world.scheduler import run_seeded
from drills.world.trap import Escaped, trapped
from drills.world.weather import Mood, Weather
from drills.world.world import Broken, World, process_of
from ledger.errors import LedgerError
from ledger.read import open_reader
from ledger.rebuild import rebuild

__all__ = ["Outcome", "run_seed"]

WELL_S: Final = 600.0  # the longest of the deadlines after healing, and room for what precedes it
_LOOK_S: Final = 1.0
_CLOCK_MS: Final = 200
_LIVENESS: Final = "liveness"
_REST_S: Final = 40.0
_SHM: Final = Path("/dev/shm")  # noqa: S108  # memory: a disk that is never waited for


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one seed. `finding` names the invariant that broke, and what was seen."""

    weather: Weather
    finding: tuple[str, str] | None
    trace_hash: str
    simulated_s: float
    cpu_s: float
    steps: int
    crashes: int
    injected: Mapping[str, int]
    sometimes: Mapping[str, int]
    last: tuple[str, ...] = field(default=())


def run_seed(weather: Weather, *, story: TextIO | None = None) -> Outcome:
    """Run one seed. `story` takes the readable lines."""
    parent = _SHM if _SHM.is_dir() else None
    home = Path(tempfile.mkdtemp(prefix="bot-world-", dir=parent))
    began_s = time.process_time()
    found: list[World] = []
    try:
        finding = _run(weather, home, story, found)
        world = found[0]
        if weather.mood is not Mood.HOPELESS and (finding is None or finding[0] == _LIVENESS):
            # What is lost or wrong says more than that the engine has not become well over it.
            finding = _judge(world, is_ended=finding is None) or finding
            world.witness.say(f"verdict {finding}")
        return Outcome(
            weather=weather,
            finding=finding,
            trace_hash=world.witness.digest,
            simulated_s=(world.ended_ms - world.began_ms) / 1_000,
            cpu_s=time.process_time() - began_s,
            steps=world.witness.steps,
            crashes=world.crashes,
            injected=dict(sorted((world.injected + world.exchange.floor.trouble.injected).items())),
            sometimes=dict(sorted(world.witness.sometimes.items())),
            last=tuple(world.witness.last),
        )
    finally:
        for world in found:
            world.close()
        shutil.rmtree(home, ignore_errors=True)


def _run(
    weather: Weather, home: Path, story: TextIO | None, found: list[World]
) -> tuple[str, str] | None:
    watch = _Watch()

    async def main(clock: MockClock) -> None:
        async with trio.open_nursery() as nursery:
            world = World(weather, home=home, clock=clock, nursery=nursery, story=story)
            found.append(world)
            with trapped(home, chance=random.Random(f"os/{weather.seed}")):  # noqa: S311
                watch.world = world
                try:
                    await _live_through(world)
                finally:
                    watch.world = None
                    world.ended_ms = world.true.now_ms()
                    nursery.cancel_scope.cancel()

    try:
        run_seeded(main, seed=weather.seed, instruments=[watch])
    except BaseExceptionGroup as group:
        return _finding(found, group)
    except (Broken, Escaped) as fault:
        return _finding(found, BaseExceptionGroup("", [fault]))
    return found[0].finding


def _finding(found: list[World], group: BaseExceptionGroup[BaseException]) -> tuple[str, str]:
    """Name what ended the run: an invariant, an escape, or a bug that fell out of the engine."""
    if found and found[0].finding is not None:
        return found[0].finding
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, KeyboardInterrupt):
        raise error
    name = "nothing_escapes" if isinstance(error, Escaped) else "engine_never_falls"
    return name, f"{type(error).__name__}: {error}"


@final
class _Watch(trio.abc.Instrument):
    """Hears of every turn of every task, before and after it."""

    def __init__(self) -> None:
        self.world: World | None = None

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        if self.world is not None:
            self.world.step(process_of(task), task.name)

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        if self.world is not None:
            process = process_of(task)
            with suppress(Broken):  # kept as the world's finding, which ends the run
                if process is None:
                    self.world.look_at_venue()
                else:
                    self.world.look(process)


async def _live_through(world: World) -> None:
    fates = Fates(world)
    async with trio.open_nursery() as nursery:
        world.start_rival = partial(_rival, world)
        nursery.start_soon(_end_when_broken, world, nursery.cancel_scope)
        nursery.start_soon(world.exchange.pass_time)
        nursery.start_soon(fates.run, nursery)
        nursery.start_soon(rearm, fates, world)
        lives = trio.Event()
        nursery.start_soon(_lives, world, fates, lives)
        await trio.sleep(world.weather.hours * 3_600.0)
        _heal(world)
        if world.weather.mood is not Mood.HOPELESS:
            await _rest(world, lives)
        nursery.cancel_scope.cancel()


async def _end_when_broken(world: World, scope: trio.CancelScope) -> None:
    await world.broken.wait()
    scope.cancel()


async def _lives(world: World, fates: Fates, ended: trio.Event) -> None:
    """One life after the other, with pauses between."""
    draw = world.stream("lives")
    number = 0
    while True:
        number += 1
        process = Process(number, Doom.KILLED, world.on_death)
        if fates.next_doom is not None and not world.is_healed:
            counter, at = fates.next_doom
            process.dies_at_step = at if counter == "step" else None
            process.dies_at_act = at if counter == "act" else None
        fates.next_doom = None
        world.processes = [*world.processes[-3:], process]
        ending = await live(world, process)
        if process.is_dead and process.doom is Doom.POWER_CUT:
            if world.disk.barriers_lie:
                world.disk.keep_copy("whole")
            world.witness.say(f"power cut: {world.disk.cut()}")
            world.disk.barriers_lie = False
        if process.is_dead and world.weather.mood is Mood.HOPELESS:
            damage(fates, world)
        if ending is Ending.STOPPED and world.is_last:
            ended.set()
            return
        if ending is Ending.REFUSED and world.truth.is_damaged:
            mend(world)
        pause_s = draw.uniform(0.2, 20.0)
        if ending in (Ending.REFUSED, Ending.FAILED):
            pause_s += 20.0
        if fates.away_s is not None and not world.is_healed:
            pause_s, fates.away_s = fates.away_s, None
        with trio.move_on_after(1.0 if world.is_healed else pause_s):
            await world.healed.wait()


async def _rival(world: World) -> None:
    """A second engine on the same home: it must be refused while the first one lives."""
    process = Process(-1, Doom.KILLED, world.on_death)
    world.inject("rival")
    owner = world.disk.owner
    with trio.move_on_after(5.0):
        ending = await live(world, process)
        world.witness.saw(f"rival {ending.value}")
    world.disk.owner = owner


def _heal(world: World) -> None:
    world.witness.say("everything heals")
    world.is_healed = True
    world.healed.set()
    world.exchange.floor.trouble.heal()
    world.disk.fault = lambda _what, _file: None
    world.barrier_s = lambda: 0.0
    world.true.venue_step_ms = 0
    world.drift_ppm, world.wall_step_ms = 0.0, 0
    living = world.living
    if living is not None:
        living.dies_at_step = living.dies_at_act = living.dies_at_send = None
    for process in world.processes:
        process.dies_at_step = process.dies_at_act = process.dies_at_send = None


async def _rest(world: World, lives: trio.Event) -> None:
    """Ask for liveness, then let everything come to rest, quietly, and end in order."""
    living = world.living
    if living is not None and abs(living.clock.now_ms() - world.true.now_ms()) > _CLOCK_MS:
        await _stop(world)  # its owner has set the clock, and a start is when it is read
    await _become_well(world, "well")
    world.is_quiet = True
    await _stop(world)
    await trio.sleep(_REST_S)
    await _become_well(world, "settled")
    world.is_last = True
    await _stop(world)
    with trio.move_on_after(WELL_S):
        await lives.wait()


async def _stop(world: World) -> None:
    living = world.living
    if living is not None:
        act = Down(by="owner", reason="end", cancel_opens=True, request_id="owner-end")
        with suppress(UserError):
            await living.engine.port.act(act)


async def _become_well(world: World, what: str) -> None:
    lacks = "nothing lives"
    with trio.move_on_after(WELL_S):
        while True:
            await trio.sleep(_LOOK_S)
            lacks = _lacks(world, is_settled=what == "settled")
            if not lacks:
                return
    with suppress(Broken):
        world.require(_LIVENESS, f"not {what} {WELL_S:.0f} s after healing: {lacks}")
    await trio.sleep_forever()


def _lacks(world: World, *, is_settled: bool) -> str:
    process = world.living
    if process is None or process.state is None:
        return "nothing lives"
    state = process.engine.shell.state
    if state.durable.mode is not Mode.ACTIVE:
        causes = ", ".join(f"{r.value} {c.detail}" for r, c in state.durable.causes.items())
        return f"the mode is {state.durable.mode.value}: {causes}"
    if not state.proofs.is_open:
        causes = "; ".join(f"{c.reason.value} {c.detail}" for c in state.proofs.causes)
        return f"the latch is shut: {causes}"
    doubted = [o.label for o in state.durable.orders.values() if o.phase is Phase.UNKNOWN]
    if doubted:
        return f"{doubted[0]} is in doubt"
    if is_settled and state.durable.orders:
        order = next(iter(state.durable.orders.values()))
        return f"{order.label} is {order.phase.value}"
    return ""


def _judge(world: World, *, is_ended: bool) -> tuple[str, str] | None:
    """Compare both stories; what only an orderly end promises is asked only if there was one."""
    try:
        seen = _end(world)
    except LedgerError as fault:
        return "ledger_verifies", str(fault).replace(str(world.home), "HOME")
    for check in END if is_ended else ALWAYS:
        found = check(seen)
        if found is not None:
            return check.__name__, found
    return None


def _end(world: World) -> End:
    venue, home = world.exchange.venue, world.home
    trades = venue.user_trades.get(ACCOUNT, [])
    ours = world.truth.sent
    account = venue.accounts[ACCOUNT]
    story = VenueStory(
        placed=tuple(
            Placed(label, order_id)
            for label, ids in sorted(world.truth.placed.items())
            if label in ours
            for order_id in sorted(ids)
        ),
        traded=tuple(
            Traded(_key(trade), trade.public.instrument, _signed(trade)) for trade in trades
        ),
        open_labels=frozenset(order.label for order in venue.open.values()),
        positions={
            name: position.quantity
            for name, position in account.positions.items()
            if position.quantity != 0
        },
    )
    uncovered: list[str] = []
    booked: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    labels: dict[str, str] = {}  # intent → its label
    booked_for: dict[str, str] = {}
    raised = set()
    with open_reader(home) as reader:
        durable = reader.state()
        for written in reader.entries():
            record = written.entry.record
            match record:
                case IntentRecorded(intent=OrderIntent()):
                    labels[record.intent_id] = record.label
                    bodies = reader.body(record.capsule), reader.body(record.snapshot)
                    if not _is_covered(record, *bodies):
                        uncovered.append(record.label)
                case FillBooked(fill=fill):
                    booked[trade_key(fill)] = (fill.price, fill.amount, fill.fee)
                    booked_for[trade_key(fill)] = record.intent_id or ""
                case ModeCauseRaised():
                    raised.add(record.reason)
                case _:
                    pass
    rebuilt = rebuild(home, run_id=RunId("r-world"), now_ms=0, is_rehearsal=True)
    return End(
        truth=world.truth,
        venue=story,
        ledger=read_story(home),
        durable=durable,
        money={
            _key(trade): (trade.public.price, trade.public.amount, trade.fee) for trade in trades
        },
        labels={_key(trade): trade.label for trade in trades},
        booked_labels={key: labels.get(intent, "") for key, intent in booked_for.items()},
        booked_money=booked,
        uncovered=tuple(uncovered),
        is_rebuilt_equal=rebuilt.before == rebuilt.after and bool(encode_state(durable)),
        raised=frozenset(raised),
    )


def _is_covered(record: IntentRecorded, capsule: bytes | None, snapshot: bytes | None) -> bool:
    """Say whether both are there, belong together, and are of the very moment of the decision."""
    if capsule is None or snapshot is None:
        return False
    told, seen = msgspec.json.decode(capsule), msgspec.json.decode(snapshot)
    return (
        (told["type"], seen["type"]) == ("capsule/1", "snapshot/1")
        and told["snapshot"] == record.snapshot
        and told["intent"]["decision"]["sequence"] == record.intent.decision.sequence
        and seen["view"]["now_ms"] == record.intent.decided_ms
    )


def _key(trade: UserTrade) -> str:
    return f"{trade.fee_currency}:{trade.public.id}"


def _signed(trade: UserTrade) -> Decimal:
    return trade.side.sign * trade.public.amount
