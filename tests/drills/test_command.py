"""`bot drill` at its edges: what it lists, what it refuses, what it keeps."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from drills.named import DRILLS
from drills.record import record
from drills.report import Report


def drill(*words: str) -> subprocess.CompletedProcess[str]:
    """Run `bot drill` off a terminal."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "commands", "drill", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_drill_is_listed_and_has_a_verb() -> None:
    document = json.loads(drill("list", "--json").stdout)
    assert [row["drill"] for row in document["results"]] == list(DRILLS)
    for name in DRILLS:
        assert drill(name, "--help").returncode == 0


def test_homes_that_were_used_before_are_refused(tmp_path: Path) -> None:
    refused = drill("wal-order", "--n", "1", "--keep", str(tmp_path))
    assert refused.returncode == 2
    assert "which exists" in " ".join(refused.stderr.split())  # lines are cut to the screen


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--scenario", "nothing"), "There are start, rest, fill"),
        (("--step", "5"), "--scenario is missing"),
        (("--scenario", "fill", "--step", "5", "--act", "5"), "do not name one point"),
        (("--scenario", "fill", "--image", "2"), "do not name one point"),
        (("--scenario", "fill", "--act", "5", "--image", "99"), "do not name one point"),
    ],
)
def test_what_names_no_point_is_refused(words: tuple[str, ...], says: str) -> None:
    refused = drill("points", *words)
    assert refused.returncode == 2
    assert says in " ".join(refused.stderr.split())


def test_fault_drills_are_listed_with_where_they_come_from() -> None:
    document = json.loads(drill("faults", "--list", "--json").stdout)
    assert document["figures"]["drills"] == len(document["results"]) >= 16
    assert all(row["source"] and row["says"] for row in document["results"])


@pytest.mark.parametrize(
    ("words", "says"),
    [(("nonsense",), "nonsense is no fault drill"), ((), "No drill was named")],
)
def test_what_names_no_fault_drill_is_refused(words: tuple[str, ...], says: str) -> None:
    refused = drill("faults", *words)
    assert refused.returncode == 2
    assert says in refused.stderr


def test_one_point_tells_its_story() -> None:
    told = drill("points", "--scenario", "fill", "--act", "70", "--image", "2", "--trace")
    assert told.returncode == 0, told.stderr
    assert "process 1 dies: power cut" in told.stdout
    assert "verdict None" in told.stdout


def test_people_read_what_is_told_in_place_of_the_rows() -> None:
    report = Report(
        drill="some",
        command="bot drill some",
        passed=True,
        figures={},
        results=({"trace": ["much"]},),
        told=("passed  one",),
    )
    assert report.lines()[-1] == "  passed  one"
    assert report.document()["results"] == [{"trace": ["much"]}]


def test_a_report_is_kept_as_document_and_as_page(tmp_path: Path) -> None:
    report = Report(
        drill="some",
        command="bot drill some",
        passed=False,
        figures={"orders": 3},
        results=({"point": "after_ack", "hits": 2},),
        notes=("duplicates: order 1",),
    )
    document, page = record(report, folder=tmp_path / "new")
    assert json.loads(document.read_text())["figures"] == {"orders": 3}
    assert page.read_text() == (
        "# some: FAILED   (bot drill some)\n\n```\n\n  orders  3\n\n"
        "  point after_ack  hits 2\n  duplicates: order 1\n```\n"
    )
