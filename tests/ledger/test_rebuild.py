from pathlib import Path

import pytest

from ledger.errors import LedgerAbsent, LedgerHeld
from ledger.rebuild import Rebuilt, rebuild
from ledger.verify import verify
from tests.ledger.making import RUN, fill, intent, note, opened
from tests.ledger.tampering import tamper


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1), fill(2, of=intent(1))])
        ledger.take_snapshot()
        ledger.commit([note(3)])
    return tmp_path


def rebuilt(home: Path, *, is_rehearsal: bool = False) -> Rebuilt:
    return rebuild(home, run_id=RUN, now_ms=0, is_rehearsal=is_rehearsal)


@pytest.mark.rule("C-203")
@pytest.mark.rule("C-211")
def test_a_rebuild_gives_the_same_bytes(home: Path) -> None:
    result = rebuilt(home)
    assert result.is_same
    assert result.head == verify(home).head
    assert verify(home).snapshots == 1
    with opened(home) as ledger:
        assert ledger.snapshot_seq == 3


@pytest.mark.rule("C-211")
def test_a_rehearsal_writes_nothing(home: Path) -> None:
    assert rebuilt(home, is_rehearsal=True).is_same
    assert verify(home).snapshots == 2


def test_a_ledger_without_snapshots_gets_one(home: Path) -> None:
    tamper(home, "DELETE FROM snapshot")
    assert rebuilt(home).is_same
    assert verify(home).snapshots == 1


def test_an_empty_ledger_has_nothing_to_rebuild(tmp_path: Path) -> None:
    with pytest.raises(LedgerAbsent):
        rebuilt(tmp_path)
    opened(tmp_path).close()
    assert rebuilt(tmp_path).is_same
    assert verify(tmp_path).is_good


@pytest.mark.rule("C-202")
def test_no_rebuild_under_a_running_engine(home: Path) -> None:
    with opened(home), pytest.raises(LedgerHeld):
        rebuilt(home)
