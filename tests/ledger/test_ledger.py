from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from bot.core.durable import encode_state
from bot.core.record import Anomaly
from bot.domain.ids import LedgerId
from ledger.connection import DATABASE_NAME
from ledger.entry import ENTRIES_MAX, Body, Entry
from ledger.errors import AlreadyRecorded, LedgerUnwritable
from ledger.ledger import Committed, Ledger
from ledger.read import open_reader
from ledger.verify import verify
from tests.ledger.faulty import FaultyFiles, broken, full
from tests.ledger.making import CAPSULE, SNAPSHOT, fill, intent, note, opened, written


@pytest.mark.rule("C-201")
def test_the_barrier_completes_before_a_commit_returns(tmp_path: Path) -> None:
    files = FaultyFiles()
    with opened(tmp_path, vfs=files.name) as ledger:
        files.done.clear()
        ledger.commit([intent(1)])
        assert files.done[-1] == ("sync", "ledger.db-wal")
        assert ("write", "ledger.db-wal") in files.done
        assert "ledger.db" not in {name for _, name in files.done}  # no checkpoint on the way


@pytest.mark.rule("C-201")
def test_many_entries_share_one_barrier(tmp_path: Path) -> None:
    files = FaultyFiles()
    with opened(tmp_path, vfs=files.name) as ledger:
        ledger.commit([note(0)])
        files.done.clear()
        ledger.commit_groups([[intent(number)] for number in range(32)])
        assert [what for what, _ in files.done].count("sync") == 1


@pytest.mark.rule("C-201")
def test_intent_capsule_and_snapshot_are_durable_together(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1)])
        with open_reader(tmp_path) as reader:
            assert reader.body(CAPSULE.hash) == CAPSULE.content
            assert reader.body(SNAPSHOT.hash) == SNAPSHOT.content


@pytest.mark.rule("C-201")
def test_an_intent_whose_capsule_is_nowhere_is_refused(tmp_path: Path) -> None:
    whole = intent(1)
    bare = Entry(
        record=whole.record,
        run_id=whole.run_id,
        at_venue_ms=1,
        at_mono_ns=1,
        intent_id=whole.intent_id,
        ref=whole.ref,
        bodies=(CAPSULE,),
    )
    with opened(tmp_path) as ledger:
        with pytest.raises(ValueError, match=SNAPSHOT.hash):
            ledger.commit([bare])
        assert ledger.head.seq == 0
        ledger.commit([whole])


@pytest.mark.rule("C-201")
def test_a_body_may_come_with_an_earlier_entry_of_the_same_commit(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1), replace(intent(2), bodies=())])
    assert verify(tmp_path).is_good


@pytest.mark.rule("C-907")
def test_equal_bodies_are_stored_once(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1), intent(2)])
        ledger.commit([intent(3)])
    assert verify(tmp_path).bodies == 2


@pytest.mark.rule("C-209")
def test_a_trade_is_booked_once_and_the_ledger_lives_on(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([fill(1)])
        before = encode_state(ledger.state)
        with pytest.raises(AlreadyRecorded) as caught:
            ledger.commit([note(0), fill(1)])
        assert (caught.value.kind, caught.value.ref) == ("fill", "BTC:1")
        with pytest.raises(AlreadyRecorded):
            ledger.commit([fill(2), fill(2)])
        assert encode_state(ledger.state) == before
        assert ledger.head.seq == 1
        assert ledger.commit([fill(2)]).head.seq == 2


@pytest.mark.rule("C-207")
def test_a_label_is_recorded_once(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1)])
    with opened(tmp_path) as ledger, pytest.raises(AlreadyRecorded, match="intent bd-4f1c09aa-"):
        ledger.commit([intent(1)])


def test_a_group_that_is_refused_costs_the_others_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        one, two, three = ledger.commit_groups([[fill(1)], [note(0), fill(1)], [fill(2)]])
        assert isinstance(one, Committed)
        assert isinstance(two, AlreadyRecorded)
        assert isinstance(three, Committed)
        assert (one.head.seq, three.head.seq, ledger.head) == (1, 2, three.head)
    assert verify(tmp_path).is_good


@pytest.mark.rule("C-011")
def test_an_intent_of_another_ledger_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, ledger_id=LedgerId("ee" * 16)) as ledger:
        with pytest.raises(ValueError, match="belongs to"):
            ledger.commit([intent(1)])
        assert ledger.head.seq == 0


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([note(number) for number in range(ENTRIES_MAX + 1)], "257 entries, above 256"),
        ([written(Anomaly(code="BIG", detail="x" * 70_000, at_ms=0), 0)], "bytes, above 65536"),
        ([written(Anomaly(code="LONE", detail="\ud800", at_ms=0), 0)], "surrogates not allowed"),
    ],
    ids=["too many", "too big", "not text"],
)
def test_what_cannot_be_written_is_refused_before_anything_is(
    tmp_path: Path, entries: list[Entry], why: str
) -> None:
    with opened(tmp_path) as ledger:
        with pytest.raises(ValueError, match=why):
            ledger.commit(entries)
        assert ledger.commit([note(1)]).head.seq == 1


def test_the_largest_commit_is_taken(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        assert (
            ledger.commit([note(number) for number in range(ENTRIES_MAX)]).head.seq == ENTRIES_MAX
        )


@pytest.mark.rule("C-212")
@pytest.mark.parametrize(
    ("file", "fault", "reappears"),
    [("write", full, False), ("write", broken, False), ("sync", broken, True)],
    ids=["no space", "write fails", "barrier fails"],
)
def test_a_failed_commit_poisons_and_the_next_opening_knows(
    tmp_path: Path, file: str, fault: object, reappears: bool
) -> None:
    files = FaultyFiles()
    ledger = opened(tmp_path, vfs=files.name)
    ledger.commit([note(0)])
    setattr(files, f"on_{file}", fault)
    with pytest.raises(LedgerUnwritable):
        ledger.commit([intent(1)])
    files.heal()
    must_be_refused(ledger)
    ledger.close()
    with opened(tmp_path) as again:
        # DEPENDENCIES §2.2.9: after a failed barrier the row is there, after a failed write not.
        assert again.head.seq == (2 if reappears else 1)
        assert (intent(1).intent_id in again.state.orders) == reappears
        again.commit([note(2)])
    assert verify(tmp_path).is_good


def must_be_refused(ledger: Ledger) -> None:
    assert ledger.poison is not None
    with pytest.raises(LedgerUnwritable):
        ledger.commit([note(9)])
    with pytest.raises(LedgerUnwritable):
        _ = ledger.state
    with pytest.raises(LedgerUnwritable):
        _ = ledger.head
    with pytest.raises(LedgerUnwritable):
        ledger.take_snapshot()
    with pytest.raises(LedgerUnwritable):
        ledger.checkpoint(truncate=True)


@pytest.mark.rule("C-210")
@pytest.mark.rule("C-212")
@pytest.mark.parametrize("nth", range(12))
@pytest.mark.parametrize("what", ["write", "sync"])
def test_a_fault_at_any_call_leaves_every_acknowledged_record(
    tmp_path: Path, what: str, nth: int
) -> None:
    files = FaultyFiles()
    acknowledged = 0
    calls = 0

    def maybe(file: str) -> None:
        nonlocal calls
        calls += 1
        if calls > nth:
            broken(file)

    ledger = opened(tmp_path, vfs=files.name)
    setattr(files, f"on_{what}", maybe)
    try:
        for number in range(6):
            acknowledged = ledger.commit([fill(number)]).head.seq
            ledger.take_snapshot()
            ledger.checkpoint(truncate=number % 2 == 0)
    except LedgerUnwritable:
        files.heal()
        must_be_refused(ledger)
    files.heal()
    ledger.close()
    verdict = verify(tmp_path)
    assert verdict.is_good
    assert verdict.head.seq >= acknowledged
    with opened(tmp_path) as again:
        assert again.head == verdict.head


@pytest.mark.rule("C-212")
def test_a_failed_checkpoint_poisons_and_loses_nothing(tmp_path: Path) -> None:
    files = FaultyFiles()
    ledger = opened(tmp_path, vfs=files.name)
    head = ledger.commit([note(0)]).head
    files.on_sync = lambda name: broken(name) if name == DATABASE_NAME else None
    with pytest.raises(LedgerUnwritable, match="checkpoint"):
        ledger.checkpoint(truncate=True)
    files.heal()
    ledger.close()
    with opened(tmp_path) as again:
        assert again.head == head


def test_a_reader_in_the_way_of_a_checkpoint_is_no_fault(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(0)])
        reader = apsw.Connection(str(tmp_path / DATABASE_NAME), flags=apsw.SQLITE_OPEN_READONLY)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM journal").fetchall()
        ledger.commit([note(1)])
        ledger.checkpoint(truncate=True)
        assert ledger.stuck_pages > 0
        ledger.commit([note(2)])
        reader.close()
        ledger.checkpoint(truncate=True)
        assert (ledger.stuck_pages, ledger.wal_pages) == (0, 0)


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerUnwritable, match="closed"):
        ledger.commit([note(0)])


def test_a_body_must_be_what_its_hash_says() -> None:
    with pytest.raises(ValueError, match="other content"):
        Body("0" * 64, b"x")
