"""One watchdog a home, and never one too few: a dead one holds nothing [C-505]."""

import os
import stat
from pathlib import Path

import pytest

from bot.watchdog.alone import AnotherWatchesError, alone, is_watched

pytestmark = pytest.mark.rule("C-505")


def test_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    assert not is_watched(tmp_path)
    with alone(tmp_path):
        assert is_watched(tmp_path)
        with pytest.raises(AnotherWatchesError, match=f"^{os.getpid()}$"), alone(tmp_path):
            pass
        assert stat.S_IMODE((tmp_path / "run/watchdog.lock").stat().st_mode) == 0o600
    assert not is_watched(tmp_path)
    with alone(tmp_path):
        pass


def test_a_file_that_a_dead_one_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/watchdog.lock").write_text("1234567890\n")
    with alone(tmp_path):
        assert (tmp_path / "run/watchdog.lock").read_text() == f"{os.getpid()}\n"
