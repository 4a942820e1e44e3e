"""One order walks the whole house: engine, ledger and exchange as real processes."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.house import (
    bot,
    engine,
    rows,
    run_to_end,
    status,
    stop_exchange,
    venue_call,
    wait_for,
)

RECORDING = Path(__file__).resolve().parents[1] / "data/market/btc_5min_cut.jsonl.gz"

# Zero or one hundred whatever the market does.
ALWAYS = {
    "duplicate_dispatch_count": 0,
    "illegal_order_attempts": 0,
    "unreconciled_positions": 0,
    "snapshot_coverage_pct": 100,
    "ledger_verified": True,
    "unknown_orders": 0,
}


@pytest.mark.rule("C-008")
@pytest.mark.rule("C-701")
@pytest.mark.rule("C-702")
def test_a_fresh_home_trades_on_the_made_up_market(tmp_path: Path) -> None:
    document = run_to_end(tmp_path, "--seed", "7", "--for", "60s")
    figures = document["figures"]
    assert document["schema"] == "bot.run/1"
    assert figures["orders_dispatched"] >= 4
    assert figures["fills"] >= 2
    assert {name: figures[name] for name in ALWAYS} == ALWAYS
    assert figures["mode"] == "ACTIVE"
    assert not (tmp_path / "exchange/endpoint.json").exists(), "the exchange is stopped with it"


def test_the_recorded_chain_is_traded_in_exchange_time(tmp_path: Path) -> None:
    figures = run_to_end(tmp_path, "--market", str(RECORDING), "--speed", "60", "--for", "40s")[
        "figures"
    ]
    assert figures["orders_dispatched"] >= 3
    assert {name: figures[name] for name in ALWAYS} == ALWAYS


@pytest.mark.rule("C-205")
@pytest.mark.rule("C-207")
@pytest.mark.rule("C-303")
@pytest.mark.rule("C-501")
@pytest.mark.rule("C-504")
def test_killed_in_the_middle_it_starts_shut_and_proves_itself_open(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        deadline = time.monotonic() + 30
        while not rows(tmp_path, "positions"):
            assert time.monotonic() < deadline, "nothing filled"
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        before = status(tmp_path)
        assert before["lines"][0].startswith("✕ STOPPED BADLY")
        with engine(tmp_path, "--seed", "7"):
            wait_for(tmp_path, "open")
            ours = {row["instrument"]: row["size"] for row in rows(tmp_path, "positions")}
            venue = {
                row["instrument_name"]: row["size"]
                for row in venue_call(tmp_path, "private/get_positions", {"currency": "BTC"})
                if row["size"]
            }
            assert {name: float(size) for name, size in ours.items()} == venue
            labels = _labels_placed(tmp_path)
            assert len(labels) == len(set(labels)) >= 2
            latch = _events(tmp_path, "latch", "start", "intent", "proof")
            second = latch[max(i for i, row in enumerate(latch) if row["kind"] == "start") :]
            kinds = [row["kind"] for row in second]
            assert kinds.index("proof") < kinds.index("latch"), "shut until proven"
            early = [
                row["text"] for row in second[: kinds.index("latch")] if row["kind"] == "intent"
            ]
            # An exit may go first: what a group had left without its counterpart is closed at once.
            assert [text for text in early if text.startswith("OPEN")] == []


def test_each_run_logs_in_with_nonces_of_its_own(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        process.kill()
        process.wait(timeout=10)
        with engine(tmp_path, "--seed", "7"):
            wait_for(tmp_path, "open", within_s=10)
    lines = [json.loads(line) for line in (tmp_path / "log/engine.jsonl").read_text().splitlines()]
    refused = [line for line in lines if "auth refused" in str(line.get("why"))]
    assert refused == []


@pytest.mark.rule("C-602")
def test_status_answers_mode_why_and_next_in_three_lines(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7"):
        wait_for(tmp_path, "open")
        lines = bot(tmp_path, "status").stdout.splitlines()
        assert lines[0].startswith("● ACTIVE  DEV  since ")
        assert lines[1].startswith("Opens and exits allowed. Loss today 0.")
        assert lines[2] == "Nothing to do."
        assert all(len(line) <= 80 for line in lines)


@pytest.mark.rule("C-002")
@pytest.mark.rule("C-307")
def test_an_operator_tightens_at_once_and_loosens_with_a_reason(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7"):
        wait_for(tmp_path, "open")
        assert bot(tmp_path, "mode", "reduce-only", "--reason", "news at noon").returncode == 0
        shown = bot(tmp_path, "status").stdout.splitlines()
        assert shown[0].startswith("▲ REDUCE ONLY  DEV")
        assert '"news at noon" (OPERATOR)' in shown[1]
        deadline = time.monotonic() + 10
        while any(row["role"] == "OPEN" for row in rows(tmp_path, "orders")):
            assert time.monotonic() < deadline, "resting opens must come off"
        assert (
            venue_call(tmp_path, "private/get_open_orders_by_currency", {"currency": "BTC"}) == []
        )
        rearmed = bot(tmp_path, "mode", "rearm", "--reason", "quiet again", "--confirm", "dev")
        assert rearmed.returncode == 0, rearmed.stderr
        wait_for(tmp_path, "open")


def test_down_stops_in_order_and_says_what_stays(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        down = bot(tmp_path, "down", "--reason", "enough")
        assert down.returncode == 0, down.stderr
        assert down.stdout.splitlines()[1].startswith("Stopped in order: 0 open orders")
        process.wait(timeout=20)
        assert process.returncode == 0
    assert bot(tmp_path, "status").stdout.startswith("○ STOPPED  last run DEV ended")
    held = bot(tmp_path, "positions")
    assert held.returncode == 0
    assert "what the ledger says" in held.stderr


def test_ctrl_c_stops_in_order(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        assert process.returncode == 130
    assert status(tmp_path)["lines"][0].startswith("○ STOPPED")


@pytest.mark.rule("C-202")
def test_a_second_engine_is_refused_and_named(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "connected")
        second = bot(tmp_path, "run", "--env", "dev", "--for", "5s")
        assert second.returncode == 6
        assert str(process.pid) in second.stderr
        assert "bot down" in second.stderr
        assert status(tmp_path)["connected"], "the first goes on"


def test_an_exchange_whose_engine_died_is_found_again(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        pid = json.loads((tmp_path / "exchange/endpoint.json").read_text())["pid"]
        process.kill()
        process.wait(timeout=10)
        with engine(tmp_path, "--seed", "7"):
            wait_for(tmp_path, "open")
            again = json.loads((tmp_path / "exchange/endpoint.json").read_text())["pid"]
            assert again == pid


@pytest.mark.rule("C-204")
def test_an_exchange_that_dies_with_the_engine_keeps_its_books(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        deadline = time.monotonic() + 30
        while not rows(tmp_path, "positions"):
            assert time.monotonic() < deadline, "nothing filled"
        process.kill()
        process.wait(timeout=10)
        stop_exchange(tmp_path)
        with engine(tmp_path, "--seed", "7"):
            now = wait_for(tmp_path, "open")
            assert now["reconcile"]["difference"] == "0"


def _labels_placed(home: Path) -> list[str]:
    log = venue_call(home, "private/sim_order_log")
    return [row["label"] for row in log if row["event"] == "new" and row["label"]]


def _events(home: Path, *kinds: str) -> list[dict[str, object]]:
    shown = bot(home, "tail", "-n", "1000", "--json", "--kind", ",".join(kinds)).stdout
    return [json.loads(line) for line in shown.splitlines()]
