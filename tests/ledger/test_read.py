from pathlib import Path

import apsw
import pytest

from bot.core.durable import encode_state
from bot.core.life import LifeEvent
from bot.domain.ids import Label
from ledger.connection import DATABASE_NAME
from ledger.errors import LedgerAbsent, LedgerCorrupt, LedgerNewer
from ledger.journal import PAGE_ROWS
from ledger.read import open_reader
from tests.ledger.faulty import FaultyFiles, broken
from tests.ledger.making import CAPSULE, OWNER, fill, intent, moved, note, opened
from tests.ledger.tampering import tamper


def test_a_reader_sees_each_commit_while_the_engine_runs(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger, open_reader(tmp_path) as reader:
        assert reader.owner == OWNER
        assert reader.head() == ledger.head
        for number in range(3):
            ledger.commit([intent(number)])
            assert reader.head() == ledger.head
            assert encode_state(reader.state()) == encode_state(ledger.state)
        ledger.take_snapshot()
        ledger.checkpoint(truncate=True)
        assert reader.folded().from_seq == 3
        assert encode_state(reader.state()) == encode_state(ledger.state)


def test_a_reader_reads_a_ledger_that_is_down(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1)])
        head = ledger.head
    with open_reader(tmp_path) as reader:
        assert reader.head() == head
        assert reader.created_ms == 1_790_000_000_000
    (tmp_path / "ledger.db-wal").unlink(missing_ok=True)
    (tmp_path / "ledger.db-shm").unlink(missing_ok=True)
    with open_reader(tmp_path) as reader:
        assert reader.head() == head


def test_a_reader_reads_what_an_engine_left_behind_unclosed(tmp_path: Path) -> None:
    files = FaultyFiles()
    ledger = opened(tmp_path, vfs=files.name)
    head = ledger.commit([intent(1)]).head
    ledger.poison_with("crash")
    ledger.close()
    with open_reader(tmp_path) as reader:
        assert reader.head() == head
    assert files.on_sync is not broken


def test_records_are_found_by_number_kind_intent_and_label(tmp_path: Path) -> None:
    first, second = intent(1), intent(2)
    with opened(tmp_path) as ledger:
        ledger.commit([note(0), first, second, moved(first, LifeEvent.SEND), fill(5, of=first)])
        with open_reader(tmp_path) as reader:
            assert [each.seq for each in reader.entries()] == [1, 2, 3, 4, 5]
            assert [each.seq for each in reader.entries(after=3)] == [4, 5]
            assert [each.seq for each in reader.entries(kind="intent")] == [2, 3]
            assert [each.seq for each in reader.entries(intent_id=first.intent_id)] == [2, 4, 5]
            assert first.ref is not None
            label = Label(first.ref)
            assert [each.seq for each in reader.entries(label=label)] == [2, 4, 5]
            assert [each.seq for each in reader.entries(label=label, kind="fill")] == [5]
            assert [*reader.entries(label=label, intent_id=second.intent_id)] == []
            assert [*reader.entries(label=Label("bd-unknown"))] == []
            assert [each.seq for each in reader.last(2)] == [4, 5]
            assert len(reader.last(100)) == 5


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    order = intent(1)
    with opened(tmp_path) as ledger:
        head = ledger.commit([order]).head
    with open_reader(tmp_path) as reader:
        (found,) = reader.entries()
        assert (found.seq, found.hash, found.kind) == (1, head.hash, "intent")
        assert found.entry.record == order.record
        assert (found.entry.run_id, found.entry.intent_id, found.entry.ref) == (
            order.run_id,
            order.intent_id,
            order.ref,
        )
        assert (found.entry.at_venue_ms, found.entry.at_mono_ns) == (1_790_000_000_001, 1)
        assert reader.body(CAPSULE.hash) == CAPSULE.content
        assert reader.body("0" * 64) is None


@pytest.mark.parametrize("count", [PAGE_ROWS - 1, PAGE_ROWS, PAGE_ROWS + 1])
def test_pages_join_without_gap_or_overlap(tmp_path: Path, count: int) -> None:
    with opened(tmp_path) as ledger:
        for start in range(0, count, 250):
            ledger.commit([note(number) for number in range(start, min(start + 250, count))])
        with open_reader(tmp_path) as reader:
            assert [each.seq for each in reader.entries()] == list(range(1, count + 1))
            assert reader.folded().head == ledger.head


def test_a_reader_holds_back_no_checkpoint(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger, open_reader(tmp_path) as reader:
        ledger.commit([note(number) for number in range(200)])
        walk = reader.entries()
        next(walk)
        ledger.commit([note(1)])
        ledger.checkpoint(truncate=True)
        assert ledger.stuck_pages == 0
        assert len([*walk]) == 199


@pytest.mark.rule("C-202")
def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with opened(tmp_path), open_reader(tmp_path) as reader, pytest.raises(apsw.ReadOnlyError):
        reader._connection.execute("DELETE FROM snapshot")


def test_a_home_without_a_ledger_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(LedgerAbsent):
        open_reader(tmp_path)
    (tmp_path / DATABASE_NAME).touch()
    with pytest.raises(LedgerAbsent):
        open_reader(tmp_path)


@pytest.mark.rule("C-210")
def test_a_changed_record_is_never_handed_out(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(0), note(1), note(2)])
    tamper(tmp_path, "UPDATE journal SET at_venue_ms = 7 WHERE seq = 2")
    with open_reader(tmp_path) as reader:
        walk = reader.entries()
        assert next(walk).seq == 1
        with pytest.raises(LedgerCorrupt) as caught:
            next(walk)
        assert caught.value.seq == 2


def test_a_schema_from_the_future_is_told_apart(tmp_path: Path) -> None:
    opened(tmp_path).close()
    connection = apsw.Connection(str(tmp_path / DATABASE_NAME))
    connection.pragma("user_version", 7)
    connection.close()
    with pytest.raises(LedgerNewer):
        open_reader(tmp_path)
