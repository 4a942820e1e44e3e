"""The ledger fails in the middle of a run: opens end, exits go on, and nothing is lost [C-212]."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.read import open_reader
from ledger.verify import verify
from tests.e2e.house import bot, run_to_end, stop_exchange

SCRIPT = Path(__file__).with_name("losing_engine.py")


@pytest.mark.rule("C-212")
@pytest.mark.rule("C-213")
@pytest.mark.parametrize("commits", [3, 7, 12])
def test_cancels_go_out_by_the_reserve_and_the_next_run_knows_of_them(
    tmp_path: Path, commits: int
) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and script
            [sys.executable, str(SCRIPT), str(tmp_path), str(commits), "9"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=SCRIPT.parents[2],
        )
        assert done.returncode == 0, done.stderr
    finally:
        stop_exchange(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log/engine.jsonl").read_text().splitlines()]
    causes = [line["reason"] for line in lines if line["event"] == "cause"]
    assert causes == ["LEDGER_UNWRITABLE"]
    at = next(i for i, line in enumerate(lines) if line["event"] == "ledger_failed")
    assert not any(line["event"] == "intent" and line["role"] == "OPEN" for line in lines[at:])
    again = run_to_end(tmp_path, "--seed", "7", "--for", "4s")
    assert again["figures"]["unreconciled_positions"] == 0
    assert again["figures"]["unknown_orders"] == 0
    assert again["figures"]["mode"] == "REDUCE_ONLY", "it stays until the operator agrees"
    assert again["figures"]["duplicate_dispatch_count"] == 0
    assert verify(tmp_path).is_good
    with open_reader(tmp_path) as reader:
        ends = list(reader.entries(kind="run_ended"))
    assert len(ends) == 2, "the end of the run that lost its ledger came by the reserve"
    assert "LEDGER_UNWRITABLE" in bot(tmp_path, "tail", "-n", "200").stdout
