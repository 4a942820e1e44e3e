import hashlib
import zlib
from pathlib import Path

import pytest

from bot.core.durable import encode_state
from ledger.backup import BACKUPS_NAME
from ledger.chain import framed
from ledger.errors import LedgerAbsent, LedgerHeld
from ledger.rebuild import Rebuilt, rebuild
from ledger.snapshot import FOLD_VERSION
from ledger.verify import verify, verify_file
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
    assert result.backup is not None
    assert verify_file(result.backup).snapshots == 2
    assert result.head == verify(home).head
    assert verify(home).snapshots == 1
    with opened(home) as ledger:
        assert ledger.snapshot_seq == 3


@pytest.mark.rule("C-211")
def test_a_rehearsal_writes_nothing(home: Path) -> None:
    result = rebuilt(home, is_rehearsal=True)
    assert result.is_same
    assert result.backup is None
    assert not (home / BACKUPS_NAME).exists()
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


@pytest.mark.rule("C-203")
def test_a_snapshot_that_lies_is_told_and_replaced(home: Path) -> None:
    with opened(home) as ledger:
        ledger.commit([note(4)])
        lie = encode_state(ledger.state).replace(b'"sequence":1', b'"sequence":9')
        head = ledger.head
    fitting = hashlib.sha256(
        framed("bot.snapshot/1", FOLD_VERSION, head.seq, head.hash, lie)
    ).digest()
    tamper(
        home,
        "UPDATE snapshot SET hash = ?, body = ? WHERE seq = 4",
        (fitting, zlib.compress(lie)),
    )
    result = rebuilt(home)
    assert not result.is_same
    assert rebuild(home, run_id=RUN, now_ms=1, is_rehearsal=False).is_same
    assert verify(home).is_good
