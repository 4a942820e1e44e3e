from pathlib import Path

import pytest

from bot.core.durable import encode_state
from bot.domain.ids import RunId
from bot.domain.order import Role
from ledger.backup import backup
from ledger.connection import DATABASE_NAME
from ledger.errors import InTheWay, LedgerAbsent, LedgerCorrupt, LedgerHeld, LedgerUnwritable
from ledger.reserve_file import read_frames
from ledger.restore import Restored, restore
from ledger.verify import verify
from tests.ledger.faulty import FaultyFiles, broken
from tests.ledger.making import fill, intent, note, opened


def restored(source: Path, home: Path, *, is_rehearsal: bool = False) -> Restored:
    return restore(source, home=home, run_id=RunId("r"), now_ms=9, is_rehearsal=is_rehearsal)


@pytest.mark.rule("C-211")
def test_a_copy_put_back_is_the_same_ledger(tmp_path: Path) -> None:
    with opened(tmp_path / "old") as ledger:
        ledger.commit([intent(1), fill(2)])
        before, head = encode_state(ledger.state), ledger.head
        backup(tmp_path / "old", to=tmp_path / "copy.db")
    rehearsed = restored(tmp_path / "copy.db", tmp_path / "new", is_rehearsal=True)
    assert not (tmp_path / "new" / DATABASE_NAME).exists()
    done = restored(tmp_path / "copy.db", tmp_path / "new")
    assert done == rehearsed
    assert (done.head, done.records, done.folded_in) == (head, 2, None)
    with opened(tmp_path / "new", create=False) as again:
        assert encode_state(again.state) == before
        again.commit([note(3)])


@pytest.mark.rule("C-211")
def test_nothing_is_put_over_a_ledger(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as ledger:
        ledger.commit([note(1)])
    backup(tmp_path / "home", to=tmp_path / "copy.db")
    with pytest.raises(InTheWay):
        restored(tmp_path / "copy.db", tmp_path / "home")
    with opened(tmp_path / "home"), pytest.raises(LedgerHeld):
        restored(tmp_path / "copy.db", tmp_path / "home")
    (tmp_path / "home" / DATABASE_NAME).unlink()
    (tmp_path / "home" / f"{DATABASE_NAME}-wal").touch()  # another ledger's log would be replayed
    with pytest.raises(InTheWay):
        restored(tmp_path / "copy.db", tmp_path / "home")
    with pytest.raises(LedgerAbsent):
        restored(tmp_path / "nowhere.db", tmp_path / "new")


@pytest.mark.rule("C-211")
def test_a_damaged_copy_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as ledger:
        ledger.commit([note(number) for number in range(9)])
    backup(tmp_path / "home", to=tmp_path / "copy.db")
    content = bytearray((tmp_path / "copy.db").read_bytes())
    content[content.index(b"number 5")] ^= 1
    (tmp_path / "copy.db").write_bytes(content)
    with pytest.raises(LedgerCorrupt, match="record 6"):
        restored(tmp_path / "copy.db", tmp_path / "new")
    assert not (tmp_path / "new" / DATABASE_NAME).exists()


@pytest.mark.rule("C-212")
def test_a_lost_ledgers_reserve_is_appended_to_the_copy(tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = FaultyFiles()
    ledger = opened(home, vfs=files.name)
    ledger.commit([intent(1)])
    backup(home, to=tmp_path / "copy.db")
    ledger.commit([note(2)])  # newer than the copy: lost with the database
    files.on_sync = broken
    with pytest.raises(LedgerUnwritable):
        ledger.commit([note(3)])
    ledger.reserve.commit([intent(9, role=Role.CLOSE), fill(4)])
    ledger.close()
    for path in home.glob(f"{DATABASE_NAME}*"):
        path.unlink()
    done = restored(tmp_path / "copy.db", home)
    assert done.folded_in is not None
    assert done.folded_in.appended == 2
    assert read_frames(home) == ()
    with opened(home) as again:
        assert intent(9, role=Role.CLOSE).intent_id in again.state.orders
        assert "BTC:4" in again.state.trades
    assert verify(home).is_good
