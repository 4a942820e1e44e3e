"""`bot sim faults`: what can go wrong, for people and for programs."""

import json
import subprocess
import sys

import pytest

from bot.simulator.trouble.fault import FAULTS


def sim(*words: str) -> str:
    """Run `bot` off a terminal; return what it wrote."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "commands", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


@pytest.mark.parametrize("words", [("sim", "faults", "--json"), ("--json", "sim", "faults")])
def test_every_fault_is_a_row_of_the_document(words: tuple[str, ...]) -> None:
    document = json.loads(sim(*words))
    assert document["schema"] == "bot.sim-faults/1"
    assert document["figures"] == {"faults": len(FAULTS)}
    assert [row["fault"] for row in document["results"]] == list(FAULTS)
    rows = {row["fault"]: row for row in document["results"]}
    assert rows["reset"]["span_s"] is None
    assert rows["latency"] == {
        "fault": "latency",
        "group": "link",
        "span_s": [5.0, 30.0],
        "says": "every message to the client is late",
    }


def test_every_fault_is_a_line_for_people() -> None:
    head, *lines = sim("sim", "faults").splitlines()
    assert head.split() == ["FAULT", "GROUP", "STANDS", "WHAT", "HAPPENS"]
    assert [line.split()[0] for line in lines] == list(FAULTS)
    assert any("5 to 30 s" in line for line in lines)
