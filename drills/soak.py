"""Days of paper trading in virtual time: expiries, settlements, maintenance, two crashes a day.

These are simulated days. They show that the machinery holds over them; they do not stand for the
calendar days that a permission asks for.
"""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import trio

from bot.core.record import Anomaly, Delivered, LatchMoved, ModeCauseRaised, Rearmed
from bot.domain.instant import DAY_MS, iso
from bot.engine.pace import Pace
from bot.engine.start import Ready
from drills.progress import Progress
from drills.report import Report
from drills.world.clock import START_MS
from drills.world.course import Course, Outcome, run_course
from drills.world.exchange import ACCOUNT
from drills.world.fates import Fates, rearm
from drills.world.ready import ready_for
from drills.world.rest import end_when_broken, heal, spare
from drills.world.run import come_to_rest, lives
from drills.world.weather import Mood, Profile, Weather
from drills.world.world import World
from ledger.read import open_reader

__all__ = ["soak"]

_DAY_S: Final = 86_400.0
_CRASHES_A_DAY: Final = 2
_WAIT_S: Final = 600  # for an engine that is between two lives
_MAINTENANCE_EVERY: Final = 3  # days
_MAINTENANCE_AT_S: Final = 7_200.0  # 09:00 UTC: the world begins at 07:00
# What any line does now and then, times an hour.
_RATES: Final = {
    "reset": 0.2,
    "half_open": 0.1,
    "latency": 0.2,
    "frame_dropped": 0.5,
    "reply_dropped": 0.2,
    "reply_lost": 0.1,
    "book_gap": 1.0,
}


def soak(days: int, *, seed: int, is_silent: bool = False) -> Report:
    """Live through so many days, and tell each of them."""
    weather = Weather(
        seed=seed,
        hours=24.0 * days,
        profile=Profile.STORM,
        mood=Mood.REPAIRABLE,
        regime="normal",
        rates=_RATES,
        pace=Pace(tick_s=15.0, publish_s=600.0, sample_s=25.0, observe_s=30.0, machine_s=30.0),
        market_step_ms=20_000,
        up_ms=20.0,
        down_ms=20.0,
        strategy="chaos",
        eager=0.08,
    )
    told: dict[str, Any] = {}
    progress = Progress("days", total=days, is_silent=is_silent)
    course = Course(
        weather=weather,
        ready=partial(_ready, weather),
        through=partial(_through, days=days, told=told, a_day=progress.add),
    )
    outcome = run_course(course)
    return Report(
        drill="soak",
        command=f"bot paper soak --days {days} --seed {seed}",
        passed=outcome.finding is None and not told["unreconciled"] and not told["duplicates"],
        figures=_figures(outcome, told, days=days),
        results=tuple(told["rows"]),
        notes=(
            *(() if outcome.finding is None else (": ".join(outcome.finding), *outcome.last)),
            "Simulated days, in virtual time. They do not count as calendar days.",
        ),
    )


def _ready(weather: Weather, home: Path) -> Ready:
    names = random.Random(f"{weather.seed}/names")  # noqa: S311  # no secrets
    return ready_for(weather, home, token=lambda count: names.randbytes(count).hex())


async def _through(
    world: World, *, days: int, told: dict[str, Any], a_day: Callable[[], None]
) -> None:
    told.update(rows=[], unreconciled=0, duplicates=0)
    fates = Fates(world)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(end_when_broken, world, nursery.cancel_scope)
        nursery.start_soon(world.exchange.pass_time)
        nursery.start_soon(rearm, fates, world)
        ended = trio.Event()
        nursery.start_soon(lives, world, fates, ended)
        for day in range(days):
            await _a_day(world, day)
            a_day()
        heal(world)
        spare(world)
        await come_to_rest(world, ended)
        _tell(world, told)
        nursery.cancel_scope.cancel()


async def _a_day(world: World, day: int) -> None:
    """Let one day pass: two crashes at drawn moments, maintenance every few days."""
    draw = world.stream(f"day/{day}")
    begin_s = trio.current_time()
    planned: list[tuple[float, str]] = [
        (draw.uniform(0.0, _DAY_S), "crash") for _ in range(_CRASHES_A_DAY)
    ]
    if day % _MAINTENANCE_EVERY == 1:
        planned.append((_MAINTENANCE_AT_S, "maintenance"))
    for at_s, what in sorted(planned):
        await trio.sleep_until(begin_s + at_s)
        if what == "maintenance":
            world.exchange.floor.trouble.strike("maintenance")
            continue
        for _ in range(_WAIT_S):
            process = world.living
            if process is not None:
                process.dies_at_step = process.steps + draw.randint(1, 200)
                world.inject("crash")
                break
            await trio.sleep(1.0)
    await trio.sleep_until(begin_s + _DAY_S)


def _tell(world: World, told: dict[str, Any]) -> None:
    """Read the story of the days from the ledger, and compare it with the venue's."""
    venue = world.exchange.venue
    held = {
        name: position.quantity
        for name, position in venue.accounts[ACCOUNT].positions.items()
        if position.quantity
    }
    by_day: dict[int, Counter[str]] = {}
    with open_reader(world.home) as reader:
        known = {
            name: position.quantity
            for name, position in reader.state().positions.items()
            if position.quantity
        }
        for written in reader.entries():
            counts = by_day.setdefault((written.entry.at_venue_ms - START_MS) // DAY_MS, Counter())
            record = written.entry.record
            match record:
                case ModeCauseRaised():
                    counts[f"{record.mode.value} {record.reason.value}"] += 1
                case Anomaly():
                    counts[f"noted {record.code}"] += 1
                case Rearmed():
                    counts["rearmed"] += 1
                case Delivered():
                    counts["deliveries"] += 1
                case LatchMoved(is_open=False):
                    counts["latch shut"] += 1
                case _:
                    counts[written.kind] += 1
    told["unreconciled"] = len({*held.items()} ^ {*known.items()})
    ours = world.truth.sent
    told["duplicates"] = sum(
        len(ids) > 1 for label, ids in world.truth.placed.items() if label in ours
    )
    told["deliveries"] = sum(counts["deliveries"] for counts in by_day.values())
    told["rows"] = [_row(day, counts) for day, counts in sorted(by_day.items())]


def _row(day: int, counts: Counter[str]) -> dict[str, Any]:
    quiet = {"intent", "moved", "fill", "refused", "proof", "account", "edited", "latch"}
    quiet |= {"run_started", "run_ended", "deliveries"}
    events = [f"{name} {count}" for name, count in sorted(counts.items()) if name not in quiet]
    return {
        "day": iso(START_MS + day * DAY_MS)[:10],
        "intents": counts["intent"],
        "fills": counts["fill"],
        "starts": counts["run_started"],
        "deliveries": counts["deliveries"],
        "events": ", ".join(events),
    }


def _figures(outcome: Outcome, told: dict[str, Any], *, days: int) -> dict[str, Any]:
    return {
        "days": days,
        "time": "simulated",
        "violations": int(outcome.finding is not None),
        "unreconciled_positions": told["unreconciled"],
        "duplicates": told["duplicates"],
        "crashes": outcome.crashes,
        "maintenance_windows": outcome.injected.get("maintenance", 0),
        "deliveries": told.get("deliveries", 0),
        "orders": outcome.sometimes.get("venue new", 0),
        "fills": outcome.sometimes.get("venue fill", 0),
        "faults_injected": sum(outcome.injected.values()),
        "trace_hash": outcome.trace_hash,
        "speedup": round(outcome.simulated_s / outcome.cpu_s, 1),
    }
