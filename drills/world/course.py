"""One run of the world from nothing to its verdict, whatever it is to go through."""

import os
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO, final

import trio
from trio.testing import MockClock

from bot.engine.start import Ready
from drills.world.rest import LIVENESS
from drills.world.scheduler import run_seeded
from drills.world.trap import Escaped, trapped
from drills.world.verdict import judge_end
from drills.world.watch import Watch
from drills.world.weather import Weather
from drills.world.world import Broken, World

__all__ = ["Course", "Outcome", "run_course"]

_PREFIX: Final = "bot-world-"
_SHM: Final = Path("/dev/shm")  # noqa: S108  # memory: a disk that is never waited for


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a run is: its weather, what its engines start with, and what happens to them.

    `through` returns once all has come to rest; unless it is not judged, both stories are compared
    then.
    """

    weather: Weather
    ready: Callable[[Path], Ready]
    through: Callable[[World], Awaitable[None]]
    is_judged: bool = True


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one run. `finding` names the invariant that broke, and what was seen."""

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


def run_course(course: Course, *, story: TextIO | None = None) -> Outcome:
    """Run one course in a home of its own. `story` takes the readable lines."""
    parent = _SHM if _SHM.is_dir() else None
    if parent is not None:
        _sweep(parent)
    home = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    handles = _handles()
    began_s = time.process_time()
    found: list[World] = []
    try:
        finding = _run(course, home, story, found)
        world = found[0]
        if course.is_judged and (finding is None or finding[0] == LIVENESS):
            # What is lost or wrong says more than that the engine has not become well over it.
            finding = judge_end(world, is_ended=finding is None) or finding
            world.witness.say(f"verdict {finding}")
        if finding is None and _handles() > handles:
            finding = "no_handle_left", f"{_handles()} files are open, there were {handles}"
        return Outcome(
            weather=course.weather,
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


def _sweep(parent: Path) -> None:
    """Remove what runs have left behind that were killed: it is memory that nobody would free."""
    for left in parent.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _handles() -> int:
    """I50: count what is open in this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


def _run(
    course: Course, home: Path, story: TextIO | None, found: list[World]
) -> tuple[str, str] | None:
    watch = Watch()
    seed = course.weather.seed

    async def main(clock: MockClock) -> None:
        async with trio.open_nursery() as nursery:
            world = World(
                course.weather,
                ready=course.ready(home),
                home=home,
                clock=clock,
                nursery=nursery,
                story=story,
            )
            found.append(world)
            with trapped(home, chance=random.Random(f"os/{seed}")) as escaped:  # noqa: S311
                watch.world = world
                try:
                    await course.through(world)
                finally:
                    watch.world = None
                    world.ended_ms = world.true.now_ms()
                    if escaped and world.finding is None:  # somebody has swallowed it
                        world.finding = "nothing_escapes", escaped[0]
                    nursery.cancel_scope.cancel()

    try:
        run_seeded(main, seed=seed, instruments=[watch])
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
