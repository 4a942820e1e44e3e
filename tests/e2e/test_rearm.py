"""F52: a rearm with a standing cause, used twice, and too old, through the real command."""

import json
import uuid
from pathlib import Path

import msgspec
import pytest

from bot.control.client import Client
from bot.control.errors import UserError
from bot.control.place import socket_place
from bot.control.view import Status
from ledger.read import open_reader
from tests.e2e.house import bot, engine, status, wait_for

pytestmark = pytest.mark.rule("C-307")

REARM = ("mode", "rearm", "--confirm", "dev", "--reason", "looked at it")


def _rearms(home: Path) -> int:
    with open_reader(home) as reader:
        return sum(1 for _ in reader.entries(kind="rearmed"))


def test_a_rearm_is_done_once_recorded_and_refused_when_the_world_moved_or_the_look_is_old(
    tmp_path: Path,
) -> None:
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
