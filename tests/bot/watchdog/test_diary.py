"""What the watchdog writes down: for the owner only, bounded, and never waited for [C-505]."""

import json
import stat
import threading
from pathlib import Path

import pytest

from bot.watchdog.diary import KEPT_BYTES, Diary
from bot.watchdog.patient import Tell

pytestmark = pytest.mark.rule("C-505")

TELL = Tell(request_id="7a8f5f3e-7f0e-4a52-9d2f-0d6f0b1c2d3e", reason="silent for 6.0 s")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_is_written_and_its_text_is_shown(home: Path) -> None:
    shown: list[str] = []
    diary = Diary(home, show=shown.append)
    diary.note("round", "2 could add risk", seen=2, done=1)
    diary.close()
    (line,) = lines(home / "watchdog.jsonl")
    assert (line["event"], line["seen"], line["done"]) == ("round", 2, 1)
    assert [text[10:] for text in shown] == ["2 could add risk"]
    assert stat.S_IMODE((home / "watchdog.jsonl").stat().st_mode) == 0o600


def test_what_is_to_be_told_is_known_to_the_next_watchdog(home: Path) -> None:
    diary = Diary(home, show=print)
    diary.keep(TELL)
    diary.close()
    assert stat.S_IMODE((home / "run/watchdog.json").stat().st_mode) == 0o600
    late = Diary(home, show=print)
    assert late.tell == TELL
    late.keep(None)
    late.close()
    last = Diary(home, show=print)
    assert last.tell is None
    last.close()


def test_a_state_that_cannot_be_read_is_nothing_to_tell(home: Path) -> None:
    (home / "run/watchdog.json").write_text("{")
    diary = Diary(home, show=print)
    assert diary.tell is None
    diary.close()


def test_the_file_is_turned_over_at_its_bound(home: Path) -> None:
    (home / "watchdog.jsonl").write_bytes(b"x" * KEPT_BYTES)
    diary = Diary(home, show=lambda _: None)
    diary.note("start", "anew")
    diary.close()
    assert len(lines(home / "watchdog.jsonl")) == 1
    assert (home / "watchdog.old.jsonl").stat().st_size == KEPT_BYTES


def test_a_terminal_that_hangs_costs_lines_and_no_time(home: Path) -> None:
    hung = threading.Event()
    diary = Diary(home, show=lambda _: hung.wait(10) and None)
    for _ in range(3_000):
        diary.note("round", "again")
    assert diary.lost > 0
    hung.set()
    diary.close()


def test_a_disk_that_is_gone_costs_lines_only(home: Path) -> None:
    (home / "watchdog.jsonl").mkdir()
    diary = Diary(home, show=lambda _: None)
    diary.note("start", "nowhere")
    diary.close()
    assert diary.lost == 1
