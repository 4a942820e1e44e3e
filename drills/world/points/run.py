"""One scenario, killed at one point or not at all, up to its verdict."""

import hashlib
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Final, TextIO, final

import trio

from bot.engine.pace import Pace
from bot.engine.start import Ready
from drills.world.course import Course, Outcome, run_course
from drills.world.disk import Image
from drills.world.fates import Fates, rearm
from drills.world.life import Ending, live
from drills.world.points.point import IMAGES, Point
from drills.world.points.scenario import SCENARIOS, Scenario
from drills.world.points.script import scripted
from drills.world.process import Doom, Process
from drills.world.ready import ready_for, with_strategy
from drills.world.rest import become_well, end_when_broken, heal, stop
from drills.world.weather import Mood, Profile, Weather
from drills.world.world import Broken, World

__all__ = ["Ran", "run_point"]

_SEED: Final = 1
_PAUSE_S: Final = 0.3  # between two lives
_LOOK_S: Final = 0.25
_ENDS_MAX: Final = 5  # a crash cuts off one; another one would be a bug
_PACE: Final = Pace(tick_s=0.25, publish_s=60.0, sample_s=20.0, observe_s=5.0, machine_s=20.0)
_STEP_MS: Final = 500  # of the market


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of one point; `steps` and `acts` are those of the life that was to be killed.

    `disk` is the hash of the files as that life left them to the next. After a survey `images` has
    for each act those of IMAGES that differ at it, a kill -9 besides.
    """

    scenario: str
    point: Point | None
    outcome: Outcome
    steps: int
    acts: int
    disk: str
    images: tuple[tuple[int, ...], ...]


def run_point(
    name: str,
    point: Point | None,
    *,
    story: TextIO | None = None,
    is_survey: bool = False,
    plant: Callable[[World], None] | None = None,
) -> Ran:
    """Run one scenario; without a point nothing is killed. `plant` spoils the world beforehand."""
    stage = _Stage(name, point, is_survey=is_survey, plant=plant)
    course = Course(weather=_weather(stage.scenario), ready=stage.ready, through=stage.through)
    outcome = run_course(course, story=story)
    return Ran(
        scenario=name,
        point=point,
        outcome=outcome,
        steps=stage.life.steps,
        acts=stage.life.acts,
        disk=stage.disk,
        images=tuple(stage.images),
    )


def _weather(scenario: Scenario) -> Weather:
    return Weather(
        seed=_SEED,
        hours=scenario.seconds / 3_600,
        profile=Profile.STORM,
        mood=Mood.REPAIRABLE,
        regime="calm",
        rates={},
        pace=_PACE,
        market_step_ms=_STEP_MS,
        up_ms=5.0,
        down_ms=5.0,
        strategy="script",
        eager=0.0,
        script=scenario.faults,
    )


@lru_cache(maxsize=1)
def _shipped() -> Ready:
    """Read the lively policy once a process: it is the same for all."""
    names = random.Random(_SEED)  # noqa: S311  # no secrets
    weather = _weather(SCENARIOS["rest"])
    with tempfile.TemporaryDirectory() as home:
        return ready_for(weather, Path(home), token=lambda count: names.randbytes(count).hex())


@final
class _Stage:
    """One run: whose life is to be killed where, and what becomes of all."""

    def __init__(
        self,
        name: str,
        point: Point | None,
        *,
        is_survey: bool,
        plant: Callable[[World], None] | None,
    ) -> None:
        self.scenario = SCENARIOS[name]
        self.life = Process(0, Doom.KILLED, lambda _process: None)  # until the one that counts
        self.disk = ""
        self.images: list[tuple[int, ...]] = []
        self._name, self._point = name, point
        self._is_survey, self._plant = is_survey, plant
        self._ended = trio.Event()

    def ready(self, _home: Path) -> Ready:
        """Return what each life starts with."""
        return with_strategy(_shipped(), scripted(self.scenario.cues), {})

    async def through(self, world: World) -> None:
        """Live through the scenario, be killed, start again, heal and end in order."""
        if self._plant is not None:
            self._plant(world)
        if self._is_survey:
            world.disk.on_act = partial(self._survey, world)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(end_when_broken, world, nursery.cancel_scope)
            nursery.start_soon(world.exchange.pass_time)
            nursery.start_soon(rearm, Fates(world), world)
            nursery.start_soon(self._lives, world)
            await trio.sleep(self.scenario.seconds)
            heal(world)
            await self._end(world)
            nursery.cancel_scope.cancel()
        world.finding = world.finding or self._lacks()

    def _lacks(self) -> tuple[str, str] | None:
        """Say what did not come about although it should have."""
        if not self._ended.is_set():
            return "liveness", f"no orderly end, asked {_ENDS_MAX} times"
        if self._point is not None and not self.life.is_dead:
            return "point_is_reached", f"{self._point.words()} is beyond what this life does"
        return None

    async def _lives(self, world: World) -> None:
        if self.scenario.prelude_s is not None:
            await self._prelude(world, self.scenario.prelude_s)
        for number in range(1, 1_000):
            process = self._next(world, number)
            ending = await live(world, process)
            if process.is_dead and process.doom is Doom.POWER_CUT:
                world.witness.say(f"power cut: {world.disk.cut(self._image(self._point))}")
            if process is self.life:
                self.disk = world.disk.digest()
            if ending is Ending.STOPPED and world.is_last:
                self._ended.set()
                return
            if ending in (Ending.REFUSED, Ending.FAILED):
                with suppress(Broken):  # kept as the finding, which ends the run
                    world.require("starts_again", f"process {number} {ending.value}")
            await trio.sleep(_PAUSE_S)

    def _next(self, world: World, number: int) -> Process:
        process = Process(number, Doom.KILLED, world.on_death)
        if number == 1:
            self.life = process
            if self._point is not None:
                process.dies_at_step = self._point.step
                process.dies_at_act = self._point.act
                process.doom = Doom.KILLED if self._point.cut is None else Doom.POWER_CUT
        world.processes = [*world.processes[-1:], process]
        return process

    async def _prelude(self, world: World, seconds: float) -> None:
        process = Process(0, Doom.VANISHED, world.on_death)
        world.processes = [process]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(live, world, process)
            await trio.sleep(seconds)
            process.die()

    def _survey(self, world: World, process: Process | None) -> None:
        """Note which images differ, before an act of the life that counts."""
        if process is not self.life:
            return
        found: dict[bytes, int] = {}
        for image in range(1, len(IMAGES)):
            asked = self._image(Point(act=process.acts, image=image))
            digest = hashlib.blake2b(digest_size=16)
            for file, content in () if asked is None else world.disk.after_cut(asked):
                digest.update(f"{file} {content is None}".encode() + (content or b""))
            found.setdefault(digest.digest(), image)
        self.images.append((0, *found.values()))

    def _image(self, point: Point | None) -> Image | None:
        if point is None or point.cut is None:
            return None
        draw = random.Random(f"{self._name}/{point.words()}")  # noqa: S311  # no secrets
        return Image(*point.cut, draw)

    async def _end(self, world: World) -> None:
        """Ask for an orderly end until one comes about: also that may be cut off by the crash."""
        world.is_last = True
        for _ in range(_ENDS_MAX):
            await become_well(world, "well", look_s=_LOOK_S)
            await self._stop(world)
            with trio.move_on_after(_PAUSE_S):
                await self._ended.wait()
            if self._ended.is_set():
                return

    async def _stop(self, world: World) -> None:
        living = world.living
        if living is None:
            return
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_at_death, living, nursery.cancel_scope)
            await stop(world)
            nursery.cancel_scope.cancel()


async def _cancel_at_death(process: Process, scope: trio.CancelScope) -> None:
    await process.died.wait()
    scope.cancel()
