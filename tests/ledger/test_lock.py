import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.ids import RunId
from ledger.connection import DATABASE_NAME
from ledger.errors import LedgerHeld, LedgerUnwritable
from ledger.lock import LOCK_NAME, Lock
from tests.ledger.making import note, opened

OTHER = RunId("run-2")


@pytest.mark.rule("C-202")
def test_a_second_engine_is_refused_and_told_who_holds_the_ledger(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(LedgerHeld) as caught:
        opened(tmp_path, run_id=OTHER)
    assert caught.value.pid == os.getpid()
    assert caught.value.since_ms == 1_790_000_000_000
    assert caught.value.run_id == "run-1"


@pytest.mark.rule("C-202")
def test_a_second_process_is_refused_too(tmp_path: Path) -> None:
    with opened(tmp_path):
        told = in_another_process(
            "from tests.ledger.making import opened\n"
            "from ledger.errors import LedgerHeld\n"
            "try: opened(home)\n"
            "except LedgerHeld as held: print(held.pid)\n",
            tmp_path,
        )
    assert told == f"{os.getpid()}\n"


def in_another_process(program: str, home: Path) -> str:
    told = subprocess.run(  # noqa: S603  # our own interpreter and text
        [
            sys.executable,
            "-c",
            f"import os, sys, pathlib\nhome = pathlib.Path(sys.argv[1])\n{program}",
            str(home),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        cwd=Path(__file__).resolve().parents[2],
    )
    return told.stdout


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with opened(tmp_path, run_id=OTHER) as ledger:
        assert ledger.still_held()
    assert not ledger.still_held()


def test_a_holder_that_has_not_written_its_note_is_still_a_holder(tmp_path: Path) -> None:
    lock = Lock(tmp_path, run_id=RunId("r"), now_ms=0)
    (tmp_path / LOCK_NAME).write_bytes(b"")
    with pytest.raises(LedgerHeld) as caught:
        Lock(tmp_path, run_id=OTHER, now_ms=0)
    lock.release()
    assert caught.value.pid is None


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LedgerUnwritable):
        Lock(tmp_path, run_id=OTHER, now_ms=0)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.rule("C-202")
@pytest.mark.parametrize("name", [LOCK_NAME, DATABASE_NAME])
def test_a_file_that_was_replaced_stops_the_next_commit(tmp_path: Path, name: str) -> None:
    with opened(tmp_path) as ledger:
        assert ledger.still_held()
        (tmp_path / name).rename(tmp_path / "away")
        assert not ledger.still_held()
        (tmp_path / name).touch()
        assert not ledger.still_held()
        with pytest.raises(LedgerUnwritable, match="taken away"):
            ledger.commit([note(1)])


@pytest.mark.rule("C-202")
def test_a_forked_child_does_not_hold_it(tmp_path: Path) -> None:
    told = in_another_process(
        "from ledger.lock import Lock\n"
        "lock = Lock(home, run_id='r', now_ms=0)\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(17 if not lock.still_held() else 1)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), lock.still_held())\n",
        tmp_path,
    )
    assert told == "17 True\n"
