"""One intent, one identity: over processes, hash seeds, and every path that makes one [C-102]."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.intent.canonical import canonical_bytes, intent_id
from bot.intent.label import label_of
from tests.determinism.identities import PATHS, intents

HERE = Path(__file__).parent
GOLDEN = {
    row["name"]: row
    for row in json.loads((HERE / "golden.json").read_text(encoding="utf-8"))["intents"]
}
PROCESSES, ITERATIONS = 10, 10


@pytest.mark.rule("C-102")
@pytest.mark.rule("C-103")
@pytest.mark.rule("C-105")
@pytest.mark.parametrize("name", list(GOLDEN))
def test_an_intent_is_what_was_written_by_hand(name: str) -> None:
    intent, wanted = intents()[name], GOLDEN[name]
    assert canonical_bytes(intent).decode() == wanted["canonical"]
    assert intent_id(intent) == wanted["sha256"]
    assert label_of(intent_id(intent), owner=intent.owner) == wanted["label"]


def test_every_wish_has_its_golden_row() -> None:
    assert list(intents()) == list(GOLDEN)


@pytest.mark.rule("C-102")
def test_a_hundred_iterations_in_other_processes_say_the_same() -> None:
    with ThreadPoolExecutor(2) as two:
        outputs = list(two.map(_told, range(PROCESSES)))
    lines = [line for output in outputs for line in output.splitlines()]
    assert len(lines) == PROCESSES * ITERATIONS
    wanted = {
        f"{name}, {path}": [row["canonical"], row["sha256"], row["label"]]
        for name, row in GOLDEN.items()
        for path in PATHS
    }
    whole = [line for line in lines if ", ledger" in line]
    assert len(whole) == PROCESSES
    for line in lines:
        told = json.loads(line)
        assert told == {key: wanted[key] for key in told}
        assert len(told) in (len(wanted), len(wanted) - len(GOLDEN))


def _told(number: int) -> str:
    seed = "random" if number == 0 else str(number * 104_729)
    done = subprocess.run(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "tests.determinism.identities", str(ITERATIONS)],
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
