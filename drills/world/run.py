"""One seed from its first step to its verdict: lives, weather, healing, and both stories."""

import random
from functools import partial
from pathlib import Path
from typing import Final, TextIO

import trio

from bot.engine.start import Ready
from drills.world.course import Course, Outcome, run_course
from drills.world.fates import Fates, damage, mend, rearm
from drills.world.life import Ending, live
from drills.world.process import Doom, Process
from drills.world.ready import ready_for
from drills.world.rest import WELL_S, become_well, end_when_broken, heal, spare, stop
from drills.world.weather import Mood, Weather
from drills.world.world import World

__all__ = ["Outcome", "come_to_rest", "lives", "run_seed"]

_CLOCK_MS: Final = 200
_REST_S: Final = 40.0


def run_seed(weather: Weather, *, story: TextIO | None = None) -> Outcome:
    """Run one seed. `story` takes the readable lines."""
    course = Course(
        weather=weather,
        ready=partial(_ready, weather),
        through=_live_through,
        is_judged=weather.mood is not Mood.HOPELESS,
    )
    return run_course(course, story=story)


def _ready(weather: Weather, home: Path) -> Ready:
    names = random.Random(f"{weather.seed}/names")  # noqa: S311  # no secrets
    return ready_for(weather, home, token=lambda count: names.randbytes(count).hex())


async def _live_through(world: World) -> None:
    fates = Fates(world)
    async with trio.open_nursery() as nursery:
        world.start_rival = partial(_rival, world)
        nursery.start_soon(end_when_broken, world, nursery.cancel_scope)
        nursery.start_soon(world.exchange.pass_time)
        nursery.start_soon(fates.run, nursery)
        nursery.start_soon(rearm, fates, world)
        ended = trio.Event()
        nursery.start_soon(lives, world, fates, ended)
        await trio.sleep(world.weather.hours * 3_600.0)
        heal(world)
        spare(world)
        if world.weather.mood is not Mood.HOPELESS:
            await come_to_rest(world, ended)
        nursery.cancel_scope.cancel()


async def lives(world: World, fates: Fates, ended: trio.Event) -> None:
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


async def come_to_rest(world: World, ended: trio.Event) -> None:
    """Ask for liveness, then let everything come to rest, quietly, and end in order."""
    living = world.living
    if living is not None and abs(living.clock.now_ms() - world.true.now_ms()) > _CLOCK_MS:
        await become_well(world, "connected")  # whatever it takes for the time
        await stop(world)  # its owner has set the clock, and a start is when it is read
    await become_well(world, "well")
    world.is_quiet = True
    await stop(world)
    await trio.sleep(_REST_S)
    await become_well(world, "settled")
    world.is_last = True
    await stop(world)
    with trio.move_on_after(WELL_S):
        await ended.wait()
