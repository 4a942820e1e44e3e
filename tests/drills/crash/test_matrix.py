"""A short crash matrix against real processes, and the sum of a long one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from drills.crash.matrix import HITS_MIN, report_of
from drills.crash.point import SPOTS, Point
from drills.crash.worker import Cycle, Verdict

CLEAN = {
    "duplicates": (),
    "lost_fills": (),
    "unresolved": (),
    "position_mismatch": (),
    "sent_before_durable": (),
    "ledgers_broken": (),
}


def cycles(*, each: int) -> list[Cycle]:
    """Return as many hits of every point."""
    return [
        Cycle(
            point=point.value,
            spot=SPOTS[point][0].name,
            passing=1,
            is_hit=True,
            fault=None,
            early=(),
            seconds=1.0,
        )
        for point in Point
        for _ in range(each)
    ]


def verdict(**found: tuple[str, ...]) -> Verdict:
    """Return a worker's verdict, clean but for what is named."""
    return Verdict(
        findings={**CLEAN, **found}, orders=1, fills=1, records=9, causes=(), seconds=1.0
    )


def passed(done: list[Cycle], *verdicts: Verdict, broken: tuple[str, ...] = ()) -> bool:
    """Say whether a matrix of these is good."""
    return report_of(
        done,
        verdicts=list(verdicts),
        wanted=(HITS_MIN * 2 * len(Point), 1),
        broken=list(broken),
        command="",
        seconds=1.0,
    ).passed


FULL = cycles(each=2 * HITS_MIN)


def test_every_point_hit_and_nothing_found_is_a_pass() -> None:
    assert passed(FULL, verdict())


@pytest.mark.parametrize("name", list(CLEAN))
def test_each_figure_alone_fails_the_drill(name: str) -> None:
    assert not passed(FULL, verdict(**{name: ("something",)}))


def test_a_point_hit_too_seldom_fails_the_drill() -> None:
    spoilt = [
        Cycle(
            point=cycle.point,
            spot=cycle.spot,
            passing=1,
            is_hit=cycle.point != Point.AFTER_ACK.value,
            fault=None,
            early=(),
            seconds=1.0,
        )
        for cycle in FULL
    ]
    assert not passed(spoilt, verdict())


def test_a_missing_verdict_a_missing_cycle_and_a_broken_worker_fail_the_drill() -> None:
    assert not passed(FULL)
    assert not passed(FULL[1:], verdict())
    assert not passed(FULL, verdict(), broken=("the worker ended with 1",))


def test_an_engine_that_ends_badly_and_an_early_order_fail_the_drill() -> None:
    first, *rest = FULL
    for fault, early in (("Traceback", ()), (None, ("order 1",))):
        spoilt = Cycle(
            point=first.point,
            spot=first.spot,
            passing=1,
            is_hit=True,
            fault=fault,
            early=early,
            seconds=1.0,
        )
        assert not passed([spoilt, *rest], verdict())


@pytest.mark.rule("C-201")
@pytest.mark.rule("C-205")
@pytest.mark.rule("C-207")
@pytest.mark.rule("C-209")
@pytest.mark.rule("C-501")
def test_twelve_crashes_double_nothing_and_lose_nothing(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  # our own program
        [
            *(sys.executable, "-m", "commands", "drill", "crash-matrix", "--json"),
            *("--cycles", "12", "--record", str(tmp_path / "kept")),
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    document = json.loads(done.stdout)
    assert done.returncode == 0, document
    figures = document["figures"]
    assert {name: figures[name] for name in CLEAN} == dict.fromkeys(CLEAN, 0)
    assert figures["cycles"] == 12
    assert figures["kills"] >= 6
    assert json.loads((tmp_path / "kept/crash-matrix.json").read_text()) == document
    assert (tmp_path / "kept/crash-matrix.md").read_text().startswith("# crash-matrix: passed")
