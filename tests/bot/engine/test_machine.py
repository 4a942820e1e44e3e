"""What the machine says of itself, asked for real."""

import os
import sys
from pathlib import Path

import pytest

from bot.domain.mode import Environment
from bot.engine.config import read_policy
from bot.engine.machine import OsMachine, kernel_clock
from bot.policy import policy_hash

SHIPPED = Path(__file__).resolve().parents[3] / "config/trading_policy.yaml"


@pytest.mark.rule("C-907")
def test_the_disk_of_the_home_tells_how_much_room_it_has(tmp_path: Path) -> None:
    room = os.statvfs(tmp_path)
    seen = OsMachine()(tmp_path, Environment.DEV)
    assert seen.bytes_free is not None
    assert 0 <= seen.bytes_free <= room.f_blocks * room.f_frsize
    assert seen.entries_free is None or seen.entries_free >= 0


@pytest.mark.rule("C-907")
def test_a_home_that_is_gone_tells_nothing(tmp_path: Path) -> None:
    seen = OsMachine()(tmp_path / "gone", Environment.DEV)
    assert (seen.bytes_free, seen.entries_free) == (None, None)


@pytest.mark.rule("C-003")
def test_an_edited_policy_is_another_one_and_an_unreadable_one_is_none(tmp_path: Path) -> None:
    look = OsMachine()
    shipped = policy_hash(read_policy(tmp_path, Environment.DEV))
    assert look(tmp_path, Environment.DEV).policy_hash == shipped
    file = tmp_path / "config" / "trading_policy.yaml"
    file.parent.mkdir()
    file.write_text(SHIPPED.read_text() + "\n# a word\n")
    assert look(tmp_path, Environment.DEV).policy_hash == shipped  # says the same
    file.write_text(SHIPPED.read_text().replace("opens_max: 200", "opens_max: 199"))
    edited = look(tmp_path, Environment.DEV).policy_hash
    assert edited == look(tmp_path, Environment.DEV).policy_hash
    assert edited not in (None, shipped)
    file.write_text("allowed: nothing")
    assert look(tmp_path, Environment.DEV).policy_hash is None
    file.unlink()
    assert look(tmp_path, Environment.DEV).policy_hash == shipped


@pytest.mark.rule("C-507")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has adjtimex")
def test_the_kernel_tells_of_its_clock_or_nothing() -> None:
    clock = kernel_clock()
    assert clock is None or clock.error_ms >= 0
