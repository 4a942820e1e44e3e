"""F52: a rearm with a standing cause, used twice, and too old, through the real command."""

import json
import time
import uuid
from pathlib import Path

import msgspec
import pytest

from bot.control.client import Client
from bot.control.errors import UserError
from bot.control.place import socket_place
from bot.control.view import Status
from ledger.read import open_reader
from tests.e2e.house import bot, engine, status, venue_call, wait_for

pytestmark = pytest.mark.rule("C-307")

REARM = ("mode", "rearm", "--confirm", "dev", "--reason", "looked at it")


def _rearms(home: Path) -> int:
    with open_reader(home) as reader:
        return sum(1 for _ in reader.entries(kind="rearmed"))


def _stranger(home: Path) -> None:
    """Place an order by hand: it stands against every open until it is decided upon."""
    venue_call(
        home,
        "private/buy",
        {"instrument_name": "BTC-PERPETUAL", "amount": 10, "type": "limit", "price": 20_000},
    )


def test_a_rearm_is_refused_with_every_cause_then_done_once_and_recorded(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7"):
        wait_for(tmp_path, "open")
        assert bot(tmp_path, "mode", "kill", "--reason", "one").returncode == 0
        assert bot(tmp_path, "mode", "reduce-only", "--reason", "two").returncode == 0
        old = status(tmp_path)
        done = bot(tmp_path, *REARM, "--json")
        assert done.returncode == 0, done.stdout
        assert json.loads(done.stdout)["schema"] == "bot.mode-rearm/1"
        wait_for(tmp_path, "open")
        assert _rearms(tmp_path) == 1
        with Client(socket_place(tmp_path), timeout_s=5) as client:
            client.greet("test")
            now = msgspec.json.decode(client.ask("status"), type=Status)
            key = str(uuid.uuid4())
            wish = {"reason": "again", "request_id": key, "expect": now.rev, "seen_at": now.at}
            first = client.ask("mode rearm", wish)
            assert client.ask("mode rearm", wish) == first, "the same request is the same act"
            assert _rearms(tmp_path) == 2
            stale = {**wish, "request_id": str(uuid.uuid4()), "expect": old["rev"]}
            with pytest.raises(UserError) as changed:
                client.ask("mode rearm", stale)
            assert changed.value.body.code == "CHANGED"
            now = msgspec.json.decode(client.ask("status"), type=Status)
            late = {
                **wish,
                "request_id": str(uuid.uuid4()),
                "expect": now.rev,
                "seen_at": "2026-01-01T00:00:00.000Z",
            }
            with pytest.raises(UserError) as expired:
                client.ask("mode rearm", late)
            assert expired.value.body.code == "EXPIRED"
            assert expired.value.body.exit == 4
        assert _rearms(tmp_path) == 2


def test_a_refused_rearm_names_all_that_stands_in_text_and_as_data(tmp_path: Path) -> None:
    with engine(tmp_path, "--seed", "7"):
        wait_for(tmp_path, "open")
        _stranger(tmp_path)
        deadline = time.monotonic() + 40
        while len(status(tmp_path)["causes"]) < 1:
            assert time.monotonic() < deadline, "the stranger is not seen"
            time.sleep(0.5)
        bot(tmp_path, "mode", "kill", "--reason", "stranger")
        refused = bot(tmp_path, *REARM, "--json")
        shown = bot(tmp_path, *REARM)
        if refused.returncode == 0:
            pytest.skip("a stranger's order shuts opens and forces no mode: nothing stands")
        causes = json.loads(refused.stdout)["details"]["causes"]
        assert refused.returncode == shown.returncode == 4
        flat = " ".join(shown.stderr.split())
        assert all(f"({n}) {' '.join(text.split())}" in flat for n, text in enumerate(causes, 1))
        assert _rearms(tmp_path) == 0
