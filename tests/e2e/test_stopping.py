"""Ctrl-C, SIGTERM and a closed terminal at every step, and an end that the venue itself proves."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.lock import is_held
from ledger.read import open_reader
from tests.e2e.house import bot, engine, rows, status, stop_exchange, venue_call, wait_for

pytestmark = pytest.mark.rule("C-305")


def _left(home: Path) -> list[str]:
    """What a stopped engine must not leave behind."""
    found = [name for name in ("engine.sock", "http.port") if (home / "run" / name).exists()]
    return found + (["the ledger's lock"] if is_held(home) else [])


def _exchange_is_up(home: Path) -> bool:
    path = home / "exchange/endpoint.json"
    if not path.exists():
        return False
    try:
        os.kill(json.loads(path.read_text())["pid"], 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("after_s", [0.2, 0.6, 1.0, 1.5, 2.5])
def test_a_signal_at_any_moment_of_the_start_leaves_nothing_half_made(
    tmp_path: Path, number: signal.Signals, after_s: float
) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        time.sleep(after_s)
        process.send_signal(number)
        process.wait(timeout=25)
        time.sleep(0.1)
        assert _left(tmp_path) == []
        assert not _exchange_is_up(tmp_path)
    if (tmp_path / "ledger.db").exists():  # before it there is one, nothing has begun
        assert process.returncode == (130 if number is signal.SIGINT else 0)
    shown = status(tmp_path)["lines"][0]
    assert shown.startswith(("○ STOPPED", "○ NEVER STARTED", "✕ NOT CONNECTED")), shown
    assert "BADLY" not in shown


def test_a_second_signal_ends_at_once_and_leaves_no_file_and_no_lock(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=15)
        assert process.returncode in {0, 130}
        assert _left(tmp_path) == []
        said = process.stdout.read() if process.stdout else ""
        if process.returncode == 130:
            assert "Stopped at once; " in said


def test_a_signal_during_down_is_the_same_end(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        asked = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "commands", "--home", str(tmp_path), "down"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        time.sleep(0.8)
        process.send_signal(signal.SIGTERM)
        said, _ = asked.communicate(timeout=40)
        process.wait(timeout=20)
        assert asked.returncode in {0, 1, 3}, said
        assert _left(tmp_path) == []
    assert not _exchange_is_up(tmp_path)


def test_down_ends_after_the_venue_has_shown_that_none_of_ours_rests(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        deadline = time.monotonic() + 30
        while not rows(tmp_path, "orders"):
            assert time.monotonic() < deadline, "nothing rests"
        done = bot(tmp_path, "down", "--json")
        assert done.returncode == 0, done.stdout
        process.wait(timeout=20)
    with open_reader(tmp_path) as reader:
        kinds = [written.entry.record for written in reader.last(200)]
    assert not any(getattr(record, "code", "") == "STOP_UNPROVEN" for record in kinds)


def test_down_while_the_venue_does_not_answer_says_what_is_not_proven(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        pid = json.loads((tmp_path / "exchange/endpoint.json").read_text())["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            done = bot(tmp_path, "down", "--json", "--wait", "40")
        finally:
            os.kill(pid, signal.SIGCONT)
        assert done.returncode == 1, done.stdout + done.stderr
        error = json.loads(done.stdout)
        assert error["code"] == "NOT_PROVEN"
        assert error["details"]["causes"]
        process.wait(timeout=30)
        assert process.returncode == 1, "the engine itself says so as well"
        assert _left(tmp_path) == []


def test_a_reader_of_the_output_that_stops_reading_does_not_stop_the_engine(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    while True:  # a paused terminal: its buffer is full before the first word
        try:
            os.write(writes, b"x" * 4096)
        except BlockingIOError:
            break
    os.set_blocking(writes, True)
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "commands", "--home", str(tmp_path), "run", "--seed", "7"],
        stdout=writes,
        stderr=subprocess.DEVNULL,
    )
    os.close(writes)
    try:
        wait_for(tmp_path, "open")
        time.sleep(6)  # past the first screen
        began = time.monotonic()
        assert status(tmp_path)["connected"]
        assert time.monotonic() - began < 2
        assert bot(tmp_path, "down").returncode == 0
        os.close(reads)
        process.wait(timeout=20)
        assert process.returncode == 141, "the last words found no reader"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=10)
        stop_exchange(tmp_path)


def test_an_engine_whose_terminal_has_gone_goes_on_to_serve(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        assert process.stdout is not None
        process.stdout.close()
        time.sleep(6)
        assert status(tmp_path)["connected"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(tmp_path / "run/engine.sock"))
            assert client.recv(10)
        assert bot(tmp_path, "down").returncode == 0
        process.wait(timeout=20)
        process.stdout = None


def test_what_rests_is_taken_off_before_the_end(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "open")
        deadline = time.monotonic() + 30
        while not rows(tmp_path, "orders"):
            assert time.monotonic() < deadline, "nothing rests"
        open_orders = "private/get_open_orders_by_currency"
        pid = process.pid
        os.kill(pid, signal.SIGTERM)
        shown = venue_call(tmp_path, open_orders, {"currency": "BTC"})
        process.wait(timeout=20)
        assert process.returncode == 0, shown
