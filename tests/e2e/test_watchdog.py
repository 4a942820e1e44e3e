"""The watchdog, with real processes: whatever befalls the engine, its opens come off [C-505]."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.guarded import (
    diary,
    has_opens,
    rest_one,
    resting,
    risky,
    until,
    watchdog,
)
from tests.e2e.house import bot, engine, rows, status, stop_exchange, venue_call, wait_for

pytestmark = pytest.mark.rule("C-505")

ACTS_S = 10.0  # RELIABILITY §6: the watchdog has acted


@contextmanager
def watchdog_when_up(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a watchdog once the exchange has made the keys; yield when the engine knows it."""
    wait_for(home, "connected")
    with watchdog(home) as dog:
        _watched(home)
        yield dog


def _watched(home: Path) -> None:
    """Wait until the engine knows its watchdog."""
    until(lambda: status(home)["watchdog"]["up"], within_s=15, what="the watchdog is up")


def _is_stopped(process: subprocess.Popen[str]) -> bool:
    stat = Path(f"/proc/{process.pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "T"


def _sent_after(home: Path, at_ms: int) -> list[str]:
    log = venue_call(home, "private/sim_order_log", role="read")
    return [
        row["label"]
        for row in log
        if row["event"] == "new" and row["timestamp"] > at_ms + 500 and not row["reduce_only"]
    ]


def test_a_stopped_engine_loses_its_opens_at_the_venue_and_wakes_up_under_control(
    tmp_path: Path,
) -> None:
    with engine(tmp_path, "--seed", "7") as process, watchdog_when_up(tmp_path):
        until(lambda: has_opens(tmp_path), within_s=60, what="an open rests")
        process.send_signal(signal.SIGSTOP)
        stopped_at = time.monotonic()
        stopped_ms = venue_call(tmp_path, "public/get_time")
        assert risky(tmp_path), "there is something to take off"
        took_s = until(lambda: not risky(tmp_path), within_s=ACTS_S, what="all opens are off")
        assert _is_stopped(process), "the engine had no part in it"
        said = status(tmp_path)["lines"][1]
        assert said == "The engine does not answer. The watchdog has cancelled its opens."
        assert took_s <= ACTS_S
        gone = [
            row
            for row in venue_call(tmp_path, "private/sim_order_log", role="read")
            if row["event"] == "cancel" and row["timestamp"] > stopped_ms
        ]
        assert gone, "the venue's own log has the cancels"
        assert all(row["timestamp"] - stopped_ms <= ACTS_S * 1_000 for row in gone)
        time.sleep(max(0.0, 30.0 - (time.monotonic() - stopped_at)))
        process.send_signal(signal.SIGCONT)
        until(
            lambda: (now := status(tmp_path))["connected"] and now["mode"] != "ACTIVE",
            within_s=15,
            what="the mode is tight",
        )
        until(
            lambda: "WATCHDOG_CANCELLED" in {row["code"] for row in status(tmp_path)["causes"]},
            within_s=15,
            what="it knows what was done for it",
        )
        until(
            lambda: (
                (now := status(tmp_path))["reconcile"]["passed"]
                and now["orders"]["unknown"] == 0
                and now["mode"] == "KILL"
            ),
            within_s=60,
            what="it has reconciled",
        )
        assert _sent_after(tmp_path, stopped_ms) == [], "nothing from before, and nothing new"
        # The comparison shown may still be the one from before it was stopped.
        until(
            lambda: (
                {row["order_id"] for row in rows(tmp_path, "orders")}
                == {row["order_id"] for row in resting(tmp_path)}
            ),
            within_s=60,
            what="its orders are the venue's",
        )
        assert status(tmp_path)["reconcile"]["difference"] == "0"
        positions = {row["instrument"]: float(row["size"]) for row in rows(tmp_path, "positions")}
        venue = {
            row["instrument_name"]: row["size"]
            for row in venue_call(tmp_path, "private/get_positions", {"currency": "BTC"})
            if row["size"]
        }
        assert positions == venue
        assert len(diary(tmp_path, "told")) == 1


def test_a_killed_engine_loses_what_could_add_risk_and_keeps_its_exits(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process, watchdog_when_up(tmp_path) as dog:
        wait_for(tmp_path, "open")
        process.kill()
        process.wait(timeout=10)
        risk, exit_ = rest_one(tmp_path), rest_one(tmp_path, reduce_only=True)
        until(lambda: not risky(tmp_path), within_s=ACTS_S, what="nothing that adds risk rests")
        assert [order["order_id"] for order in resting(tmp_path)] == [exit_]
        assert risk != exit_
        for name in ("watchdog.jsonl", "run/watchdog.json", "run/watchdog.lock"):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0, name
        # What was still on its way comes off too: it looks on for a while.
        rest_one(tmp_path)
        until(lambda: not risky(tmp_path), within_s=15, what="what came later is off as well")
        with engine(tmp_path, "--seed", "7"):
            until(
                lambda: "WATCHDOG_CANCELLED" in {row["code"] for row in status(tmp_path)["causes"]},
                within_s=40,
                what="the next run is told",
            )
            assert status(tmp_path)["mode"] == "KILL"
            _watched(tmp_path)
            assert dog.poll() is None, "it goes on over a restart of the engine"
            time.sleep(3)
            assert len(diary(tmp_path, "silent")) == 1
            dog.send_signal(signal.SIGINT)
            out, err = dog.communicate(timeout=10)
            assert dog.returncode == 130
            assert json.loads(out)["figures"]["silences"] == 1
            assert "Traceback" not in err


def test_a_healthy_engine_is_left_alone_and_a_second_watchdog_is_refused(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7"), watchdog_when_up(tmp_path) as dog:
        wait_for(tmp_path, "open")
        stranger = rest_one(tmp_path)
        began = time.monotonic()
        second = bot(tmp_path, "watchdog")
        assert second.returncode == 4
        assert str(dog.pid) in second.stderr
        while time.monotonic() - began < 15:
            now = status(tmp_path)
            assert now["mode"] == "ACTIVE"
            assert now["watchdog"]["up"]
            assert now["watchdog"]["cancel_on_disconnect"]
            assert now["watchdog"]["beat_age_ms"] < 4_000
            time.sleep(0.5)
        assert stranger in {order["order_id"] for order in resting(tmp_path)}
        assert diary(tmp_path, "silent") == []
        dog.send_signal(signal.SIGTERM)
        assert dog.wait(timeout=10) == 0


@pytest.mark.rule("C-009")
def test_a_wrong_key_is_said_and_never_looks_like_a_watchdog(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "watchdog").write_text('{"client_id": "nobody", "client_secret": "sesame-open"}')
    with engine(tmp_path / "home", "--seed", "7"):
        wait_for(tmp_path / "home", "connected")
        with watchdog(tmp_path / "home", CREDENTIALS_DIRECTORY=str(folder)) as dog:
            out, err = dog.communicate(timeout=20)
        assert dog.returncode == 7
        assert json.loads(out)["code"] == "WATCHDOG_KEY"
        assert "sesame" not in out + err
        assert not status(tmp_path / "home")["watchdog"]["up"]
    assert "sesame" not in (tmp_path / "home/watchdog.jsonl").read_text()


def test_where_one_is_expected_nothing_opens_without_it(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    shipped = Path(__file__).resolve().parents[2] / "config/dev.toml"
    text = shipped.read_text()
    assert text.count("watchdog = false") == 1
    (config / "dev.toml").write_text(text.replace("watchdog = false", "watchdog = true "))
    with engine(tmp_path, "--seed", "7"):
        wait_for(tmp_path, "connected")
        time.sleep(3)
        now = status(tmp_path)
        assert not now["latch"]["open"]
        assert [row["code"] for row in now["causes"]] == ["WATCHDOG_SILENT"]
        with watchdog(tmp_path) as dog:
            wait_for(tmp_path, "open")
            dog.kill()
            dog.wait(timeout=10)
            died = time.monotonic()
            until(
                lambda: not status(tmp_path)["latch"]["open"],
                within_s=12,
                what="opens are shut again",
            )
            assert time.monotonic() - died <= 11.0, "10 s, and the time of one look at it"


def test_a_core_that_stands_still_is_dead_whoever_may_answer_for_it(tmp_path: Path) -> None:
    script = Path(__file__).with_name("stalling_engine.py")
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and script
        [sys.executable, str(script), str(tmp_path), "12"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=script.parents[2],
    )
    try:
        with watchdog_when_up(tmp_path):
            assert diary(tmp_path, "silent") == []
            rest_one(tmp_path)  # a stranger's: the engine itself would leave it
            until(lambda: not risky(tmp_path), within_s=12 + ACTS_S, what="all opens are off")
            assert len(diary(tmp_path, "silent")) == 1
            assert process.poll() is None
            now = status(tmp_path)
            assert now["connected"], "it still answers"
            until(lambda: diary(tmp_path, "told"), within_s=10, what="it is told")
            assert status(tmp_path)["mode"] == "KILL"
    finally:
        process.kill()
        process.communicate(timeout=10)
        stop_exchange(tmp_path)


def test_a_logout_leaves_orders_behind_and_the_watchdog_takes_them_off(tmp_path: Path) -> None:
    script = Path(__file__).with_name("logged_out.py")
    with engine(tmp_path, "--seed", "7") as process:
        wait_for(tmp_path, "connected")
        process.kill()
        process.wait(timeout=10)
        until(lambda: not resting(tmp_path), within_s=10, what="its own are off by the venue's net")
        done = subprocess.run(  # noqa: S603  # our own interpreter and script
            [sys.executable, str(script), str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        time.sleep(1)
        assert [order["order_id"] for order in resting(tmp_path)] == [done.stdout]
        with watchdog(tmp_path):
            until(lambda: not resting(tmp_path), within_s=ACTS_S, what="the watchdog has it off")


def test_a_stop_in_order_cancels_by_itself_and_leaves_nothing_to_the_nets(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7") as process, watchdog_when_up(tmp_path) as dog:
        until(lambda: has_opens(tmp_path), within_s=60, what="an open rests")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        assert process.returncode == 130
        until(lambda: diary(tmp_path, "reduce_only"), within_s=10, what="the silence is noticed")
        dog.send_signal(signal.SIGINT)
        assert dog.wait(timeout=10) == 130
    assert not any(line["done"] for line in diary(tmp_path, "round"))
    with engine(tmp_path, "--seed", "7"):
        wait_for(tmp_path, "connected")
        history = venue_call(
            tmp_path,
            "private/get_order_history_by_currency",
            {"currency": "BTC", "count": 100, "include_unfilled": True},
            role="read",
        )
        reasons = {row["cancel_reason"] for row in history if row["order_state"] == "cancelled"}
        assert reasons == {"user_request"}
        assert status(tmp_path)["mode"] == "ACTIVE"
