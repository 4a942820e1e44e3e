"""The drills in short, with the real engine: they pass, they can fail, and they repeat."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from drills.faults.catalogue import DRILLS
from drills.faults.drill import Back
from drills.faults.expectation import Books, Forces, Keeps
from drills.faults.stage import run_drill
from drills.faults.tally import SEED, SHORT

TRACE = (
    "import sys; from drills.faults.catalogue import DRILLS;"
    " from drills.faults.stage import run_drill;"
    " [print(n, run_drill(n, DRILLS[n], seed=7).outcome.trace_hash) for n in sys.argv[1:]]"
)
IN_TWO_PROCESSES = ("request-cut", "clamped", "killed-before-send")


def test_there_are_enough_of_them_and_each_is_described() -> None:
    assert len(DRILLS) >= 16
    for name, drill in DRILLS.items():
        assert drill.says, name
        assert drill.source, name
        assert drill.expects, name
        assert drill.venue or drill.acts, name


@pytest.mark.rule("C-002")
@pytest.mark.rule("C-302")
@pytest.mark.rule("C-308")
@pytest.mark.parametrize("name", SHORT)
def test_a_drill_passes_and_a_second_run_is_the_same(name: str) -> None:
    first, again = (run_drill(name, DRILLS[name], seed=SEED) for _ in range(2))
    assert first.failed == ()
    assert first.seen is not None
    assert again.seen is not None
    assert first.outcome.trace_hash == again.outcome.trace_hash
    assert first.seen.moments == again.seen.moments


@pytest.mark.rule("C-801")
def test_drills_are_the_same_in_every_process() -> None:
    told = [
        subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", TRACE, *IN_TWO_PROCESSES],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "77")
    ]
    assert told[0].count("\n") == len(IN_TWO_PROCESSES)
    assert told[0] == told[1]


def test_wrong_expectations_are_told_by_name() -> None:
    drill = DRILLS["clamped"]
    wrong = (Keeps(), Forces(Mode.KILL, Reason.ORDER_CHANGED), Books(7))
    ran = run_drill("clamped", replace(drill, expects=(*drill.expects, *wrong)), seed=SEED)
    assert [failure.partition("(")[0] for failure in ran.failed] == ["Keeps", "Forces", "Books"]


def test_a_wrong_way_back_and_a_bound_that_is_too_tight_are_told() -> None:
    drill = replace(DRILLS["request-cut"], back=Back.BY_REARM, safe_ms_max=-1)
    failed = run_drill("request-cut", drill, seed=SEED).failed
    assert any(failure.startswith("safe within -1 ms") for failure in failed)
    assert any(failure.startswith("only a rearm loosens the mode") for failure in failed)


def test_a_fault_that_never_strikes_fails_its_drill() -> None:
    drill = replace(DRILLS["book-stuck"], venue=((900_000, "book_stuck"),), seconds=5.0)
    failed = run_drill("book-stuck", drill, seed=SEED).failed
    assert "the fault struck: nothing was injected" in failed


def test_a_part_that_never_becomes_well_again_is_a_finding() -> None:
    drill = DRILLS["margin-critical"]
    ran = run_drill("margin-critical", replace(drill, acts=drill.acts[:1], tick_s=2.0), seed=SEED)
    assert ran.seen is None
    assert ran.failed[0].startswith("liveness: ")
