"""One fault drill, carried out: real engine, exchange and ledger, in virtual time."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO, final

import trio

from bot.control.errors import UserError
from bot.control.port import Act
from bot.core.record import Anomaly, Delivered, FillBooked, Refused
from bot.engine.start import Ready
from drills.faults.always import failures
from drills.faults.drill import Act as DrillAct
from drills.faults.drill import Back, Drill
from drills.faults.ready import ready_of, weather_of
from drills.faults.recorder import Recorder
from drills.faults.seen import Seen, Stand
from drills.world.course import Course, Outcome, run_course
from drills.world.fates import Fates, rearm
from drills.world.life import Ending, live
from drills.world.points.script import scripted
from drills.world.process import Doom, Process
from drills.world.rest import become_well, end_when_broken, heal, spare, stop
from drills.world.verdict import judge_end
from drills.world.world import World
from ledger.read import open_reader

__all__ = ["Ran", "Stage", "run_drill"]

_PAUSE_S: Final = 0.3  # between two lives
_LOOK_S: Final = 0.25
_KEPT_S: Final = 15.0  # for which a mode must stay, started anew, after everything has healed
_ENDS_MAX: Final = 3
_LIVES_MAX: Final = 1_000
_STARTS_REFUSED: Final = "refused to start "


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of one drill; `failed` names each expectation that does not hold."""

    name: str
    drill: Drill
    outcome: Outcome
    seen: Seen | None  # None when the run broke off before its end
    failed: tuple[str, ...]


def run_drill(name: str, drill: Drill, *, seed: int, story: TextIO | None = None) -> Ran:
    """Carry a drill out, and hold its expectations against what was seen."""
    stage = Stage(drill)
    course = Course(
        weather=weather_of(drill, seed=seed),
        ready=stage.ready,
        through=stage.through,
        is_judged=drill.is_sound,
    )
    outcome = run_course(course, story=story)
    failed = [] if outcome.finding is None else [": ".join(outcome.finding)]
    if stage.seen is not None:
        failed.extend(failures(drill, stage.seen))
    return Ran(name=name, drill=drill, outcome=outcome, seen=stage.seen, failed=tuple(failed))


@final
class Stage:
    """One run: its lives, its acts, and what was seen. The acts of a drill reach for it."""

    def __init__(self, drill: Drill) -> None:
        """Set the stage."""
        self.drill = drill
        self.seen: Seen | None = None
        self.dooms: deque[int] = deque()  # the turns after which the next lives die
        self.after_life: Callable[[], None] | None = None  # done once, before the next life
        self.away_s = 0.0  # how much longer the next life is waited for
        self.answers: list[str] = []  # what the owner heard
        self._world: World | None = None
        self._recorder: Recorder | None = None
        self._ended = trio.Event()
        self._requests = 0

    @property
    def world(self) -> World:
        """The world that it plays in."""
        if self._world is None:
            raise RuntimeError("the drill has not begun")
        return self._world

    def living(self) -> Process:
        """The engine that lives now. Raises RuntimeError without one: the drill is wrong then."""
        process = self.world.living
        if process is None:
            raise RuntimeError("no engine lives that the drill could strike")
        return process

    def ready(self, _home: Path) -> Ready:
        """Return what each life starts with."""
        return ready_of(self.drill, self.drill.strategy or scripted(self.drill.cues))

    def strike(self, name: str, what: str = "") -> None:
        """Count a fault that happened, at this very moment."""
        self.world.inject(name, what)
        if self._recorder is not None:
            self._recorder.note_faults()

    async def ask(self, act: Callable[[str], Act], name: str) -> None:
        """Let the owner ask for something, and write down what he hears."""
        living = self.world.living
        self._requests += 1
        answer = "no engine"
        if living is not None:
            try:
                await living.engine.port.act(act(f"drill-{self._requests}"))
                answer = "done"
            except UserError as refused:
                answer = refused.body.code
        self.answers.append(f"{name} {answer}")
        if self._recorder is not None:
            self._recorder.say("owner", f"{name} {answer}")

    async def through(self, world: World) -> None:
        """Live through the drill; then all heals, the owner rearms, and it ends in order."""
        self._world = world
        recorder = self._recorder = world.onlooker = Recorder(world)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(end_when_broken, world, nursery.cancel_scope)
            nursery.start_soon(world.exchange.pass_time)
            nursery.start_soon(self._lives, recorder)
            for act in self.drill.acts:
                nursery.start_soon(self._strike, act)
            await trio.sleep(self.drill.seconds)
            ended = recorder.end_watch()
            heal(world)
            spare(world)
            kept = await self._kept(world, recorder)
            nursery.start_soon(rearm, Fates(world), world)
            await self._end(world)
            self.seen = self._look(world, recorder, ended=ended, kept=kept)
            nursery.cancel_scope.cancel()
        if world.finding is None and not self._ended.is_set():
            world.finding = "liveness", f"no orderly end, asked {_ENDS_MAX} times"
        if world.finding is None and not self.drill.is_sound:
            world.finding = judge_end(world, is_ended=False)

    async def _strike(self, act: DrillAct) -> None:
        await trio.sleep(act.at_ms / 1_000)
        await act.do(self)

    async def _lives(self, recorder: Recorder) -> None:
        world = self.world
        for number in range(1, _LIVES_MAX):
            process = Process(number, Doom.KILLED, world.on_death)
            if self.dooms:
                process.dies_at_step = self.dooms.popleft()
            world.processes = [*world.processes[-1:], process]
            ending = await live(world, process)
            recorder.life_ended(ending.value)
            if process.is_dead and process.doom is Doom.POWER_CUT:
                world.witness.say(f"power cut: {world.disk.cut()}")
            if ending is Ending.STOPPED and world.is_last:
                self._ended.set()
                return
            if self.after_life is not None:
                act, self.after_life = self.after_life, None
                act()
            away_s, self.away_s = self.away_s, 0.0
            await trio.sleep(_PAUSE_S + away_s)

    async def _kept(self, world: World, recorder: Recorder) -> Stand | None:
        """Start anew where the mode must stay: nothing but the owner may have loosened it."""
        if self.drill.back is not Back.BY_REARM:
            return None
        await stop(world)
        await trio.sleep(_KEPT_S)
        return recorder.stand()

    async def _end(self, world: World) -> None:
        for _ in range(_ENDS_MAX):
            await become_well(world, "well", look_s=_LOOK_S)
            world.is_last = True
            await stop(world)
            with trio.move_on_after(_PAUSE_S):
                await self._ended.wait()
            if self._ended.is_set():
                return

    def _look(self, world: World, recorder: Recorder, *, ended: Stand, kept: Stand | None) -> Seen:
        refused: Counter[str] = Counter()
        noted: Counter[str] = Counter()
        fills = deliveries = 0
        watched = range(recorder.struck_seq + 1, recorder.ended_seq + 1)
        with open_reader(world.home) as reader:
            for written in reader.entries():
                match written.entry.record:
                    case Refused(refusals=((code, _, _), *_)) if written.seq in watched:
                        refused[code] += 1
                    case Anomaly(code=code):
                        noted[code] += 1
                    case FillBooked() if written.seq <= recorder.ended_seq:
                        fills += 1
                    case Delivered():
                        deliveries += 1
                    case _:
                        pass
        return Seen(
            moments=tuple(recorder.moments),
            orders=tuple(recorder.orders.values()),
            struck_ms=recorder.struck_ms,
            ended_ms=recorder.ended_ms,
            safe_ms=recorder.safe_ms,
            ended=ended,
            kept=kept,
            reached=recorder.reached,
            raised=frozenset(recorder.raised),
            shut_by=frozenset(recorder.shut_by),
            refused=refused,
            noted=noted,
            answers=tuple(self.answers),
            fills=fills,
            deliveries=deliveries,
            held=recorder.held,
            doubled=frozenset(world.truth.doubled),
            starts_refused=tuple(
                name.removeprefix(_STARTS_REFUSED)
                for name in sorted(world.witness.sometimes)
                if name.startswith(_STARTS_REFUSED)
            ),
        )
