"""`bot config service` and what `bot watchdog` refuses, as typed."""

import json
from pathlib import Path

import pytest

from bot.control.errors import Exit
from tests.e2e.house import bot

pytestmark = pytest.mark.rule("C-505")


def test_both_units_are_one_document_and_name_the_home(tmp_path: Path) -> None:
    done = bot(tmp_path, "--json", "config", "service", "--user")
    assert done.returncode == Exit.OK
    document = json.loads(done.stdout)
    assert document["schema"] == "bot.config-service/1"
    assert [Path(unit["path"]).name for unit in document["units"]] == [
        "bot-engine.service",
        "bot-watchdog.service",
    ]
    assert all(f"--home {tmp_path}" in unit["text"] for unit in document["units"])


def test_a_watchdog_without_a_key_says_where_keys_come_from(tmp_path: Path) -> None:
    done = bot(tmp_path, "watchdog")
    assert done.returncode == Exit.CONFIG
    assert 'no key "watchdog"' in done.stderr
    assert "bot run" in done.stderr


@pytest.mark.parametrize("environment", ["staging", "paper", "live"])
def test_a_watchdog_without_a_venue_does_not_pretend(tmp_path: Path, environment: str) -> None:
    done = bot(tmp_path, "--env", environment, "watchdog")
    assert done.returncode == Exit.UNSAFE_START
    assert not (tmp_path / "watchdog.jsonl").exists()
