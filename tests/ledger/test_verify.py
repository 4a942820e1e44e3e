import hashlib
import zlib
from pathlib import Path

import pytest

from bot.core.durable import encode_state
from ledger.chain import Head, framed, link
from ledger.errors import LedgerAbsent, LedgerNewer
from ledger.snapshot import FOLD_VERSION
from ledger.verify import verify
from tests.ledger.making import fill, intent, note, opened
from tests.ledger.tampering import tamper


def test_a_good_ledger_is_good_while_it_runs_and_when_it_is_down(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(0), intent(1), fill(2)])
        ledger.take_snapshot()
        ledger.commit([note(3)])
        running = verify(tmp_path)
        assert running.is_good
        assert (running.head, running.records, running.bodies) == (ledger.head, 4, 2)
        assert running.snapshots == 1
    down = verify(tmp_path)
    assert down.is_good
    assert (down.head, down.snapshots) == (running.head, 2)


def test_an_empty_ledger_is_good(tmp_path: Path) -> None:
    with pytest.raises(LedgerAbsent):
        verify(tmp_path)
    opened(tmp_path).close()
    assert verify(tmp_path).is_good
    assert verify(tmp_path).records == 0


@pytest.mark.rule("C-203")
def test_only_a_head_kept_elsewhere_shows_a_ledger_that_is_shorter_and_consistent(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(0)])
        early = ledger.head
        ledger.commit([note(1), note(2)])
        late = ledger.head
    assert verify(tmp_path, known=early).is_good
    assert verify(tmp_path, known=late).is_good
    tamper(tmp_path, "DELETE FROM snapshot")
    tamper(tmp_path, "DELETE FROM journal WHERE seq > 1")
    assert verify(tmp_path).is_good
    assert verify(tmp_path, known=early).is_good
    assert [fault.seq for fault in verify(tmp_path, known=late).faults] == [2]
    assert [fault.seq for fault in verify(tmp_path, known=Head(1, "0" * 64)).faults] == [1]


@pytest.mark.rule("C-203")
def test_a_snapshot_that_fits_and_lies_is_found(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1)])
        head = ledger.head
        lie = ledger.state
    content = encode_state(lie).replace(b'"sequence":1', b'"sequence":9')
    fitting = hashlib.sha256(
        framed("bot.snapshot/1", FOLD_VERSION, head.seq, head.hash, content)
    ).digest()
    tamper(tmp_path, "UPDATE snapshot SET hash = ?, body = ?", (fitting, zlib.compress(content)))
    with opened(tmp_path) as ledger:
        assert ledger.state.sequence == 9  # an opening cannot tell; this is what verify is for
    assert [fault.seq for fault in verify(tmp_path).faults] == [1]


@pytest.mark.rule("C-203")
def test_a_record_of_a_kind_from_the_future_is_told_apart_from_damage(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(0)])
        head = ledger.head
    row = link(
        seq=2,
        kind="teleport",
        run_id="r",
        intent_id=None,
        ref=None,
        at_venue_ms=0,
        at_mono_ns=0,
        body=b'{"type":"teleport/1"}',
        prev_hash=bytes.fromhex(head.hash),
    )
    tamper(tmp_path, "INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?)", row)
    with pytest.raises(LedgerNewer, match="record 2 of kind teleport"):
        opened(tmp_path)
    with pytest.raises(LedgerNewer):
        verify(tmp_path)


@pytest.mark.rule("C-210")
def test_one_run_names_all_that_is_wrong(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1), note(2)])
    tamper(tmp_path, "UPDATE journal SET run_id = 'x' WHERE seq = 2")
    tamper(tmp_path, "UPDATE body SET bytes = x'00'")
    assert [fault.seq for fault in verify(tmp_path).faults] == [2, 0, 0]
