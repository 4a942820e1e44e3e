import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from drills.world import rest, world
from drills.world.run import run_seed
from drills.world.weather import Mood, Profile, draw_weather

HOURS = 0.15
TRACE = """
import sys
from drills.world.run import run_seed
from drills.world.weather import Profile, draw_weather
for seed in map(int, sys.argv[2:]):
    outcome = run_seed(draw_weather(seed, hours=0.15, profile=Profile(sys.argv[1])))
    print(seed, outcome.trace_hash, outcome.finding)
"""


def traces(hash_seed: str, profile: Profile, *seeds: int) -> list[str]:
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", TRACE, profile.value, *map(str, seeds)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.rule("C-801")
@pytest.mark.parametrize(
    ("profile", "seeds"), [(Profile.STORM, (1, 2, 5, 7)), (Profile.WIRE, (3, 12))]
)
def test_same_seed_same_trace_whatever_the_hash_seed(
    profile: Profile, seeds: tuple[int, ...]
) -> None:
    first, second = traces("1", profile, *seeds), traces("77", profile, *seeds)
    assert first == second
    assert len({line.split()[1] for line in first}) == len(seeds)
    assert all(line.endswith("None") for line in first)


@pytest.mark.rule("C-803")
@pytest.mark.parametrize("seed", range(101, 109))
def test_a_stormy_half_hour_breaks_nothing(seed: int) -> None:
    outcome = run_seed(draw_weather(seed, hours=0.5))
    assert outcome.finding is None, (outcome.finding, outcome.last)
    assert outcome.steps > 1_000
    if outcome.weather.mood is not Mood.CLEAR:
        assert outcome.crashes > 0


@pytest.mark.rule("C-212")
def test_a_barrier_that_is_stuck_is_the_writers_and_ends_the_ledger() -> None:
    # The world's own look once took it away, before any barrier could be late.
    weather = replace(
        draw_weather(11, hours=0.2, profile=Profile.STORM),
        mood=Mood.REPAIRABLE,
        rates={"barrier_stuck": 40.0},
    )
    outcome = run_seed(weather)
    assert outcome.finding is None, (outcome.finding, outcome.last)
    assert outcome.injected["barrier_stuck"] >= 1
    assert outcome.sometimes["restarted for its ledger"] >= 1


@pytest.mark.rule("C-802")
def test_a_world_needs_nothing_real(tmp_path: object) -> None:
    # Threads, sockets, clocks and files that escape end the run: see the trap.
    outcome = run_seed(replace(draw_weather(5, hours=HOURS), profile=Profile.WIRE))
    assert outcome.finding is None


@contextmanager
def planted(module: object, name: str, stand_in: object) -> Iterator[None]:
    saved = getattr(module, name)
    setattr(module, name, stand_in)
    try:
        yield
    finally:
        setattr(module, name, saved)


@pytest.mark.rule("C-804")
def test_an_invariant_that_does_not_hold_ends_the_run_and_is_named() -> None:
    def never_sent(_seen: object) -> str:
        return "an order leaves"

    with planted(world, "SENDING", (never_sent,)):
        outcome = run_seed(replace(draw_weather(2, hours=HOURS), rates={}))
    assert outcome.finding == ("never_sent", "an order leaves")
    assert any("BROKEN never_sent" in line for line in outcome.last)


@pytest.mark.rule("C-803")
def test_an_engine_that_does_not_recover_is_found() -> None:
    with planted(rest, "WELL_S", 0.5):
        outcome = run_seed(replace(draw_weather(2, hours=HOURS), rates={}))
    assert outcome.finding is not None
    assert outcome.finding[0] == "liveness"
