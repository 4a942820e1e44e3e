import os
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bot.core.durable import encode_state
from bot.core.life import LifeEvent, Phase
from bot.core.record import IntentRecorded
from bot.domain.ids import IntentId, LedgerId
from bot.domain.order import Role
from ledger.chain import Head
from ledger.connection import DATABASE_NAME
from ledger.entry import Body, Entry
from ledger.errors import (
    AlreadyRecorded,
    LedgerCorrupt,
    LedgerHeld,
    LedgerUnwritable,
    NotForReserve,
    ReserveFull,
)
from ledger.fold_in import FOLDED_CODE
from ledger.ledger import Ledger
from ledger.lock import LOCK_NAME
from ledger.read import open_reader
from ledger.reserve_file import FRAMES_START, RESERVE_BYTES, RESERVE_NAME, read_frames
from ledger.verify import verify
from tests.ledger.faulty import FaultyFiles, broken, full
from tests.ledger.making import LEDGER_ID, cancel, fill, intent, moved, note, opened, started
from tests.ledger.tampering import tamper

OPEN = intent(1)
EXIT = intent(10, role=Role.CLOSE)


def failed(home: Path) -> Ledger:
    """A ledger with one open order, whose disk has just filled up."""
    files = FaultyFiles()
    ledger = opened(home, vfs=files.name)
    ledger.commit([OPEN])
    files.on_write = full
    with pytest.raises(LedgerUnwritable):
        ledger.commit([note(2)])
    return ledger


def kinds(home: Path) -> list[str]:
    """The kinds of all records, in order."""
    with open_reader(home) as reader:
        return [written.kind for written in reader.entries()]


@pytest.mark.rule("C-212")
def test_the_room_is_taken_when_the_ledger_is_opened_and_never_grows(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    before = (tmp_path / RESERVE_NAME).stat()
    ledger.reserve.commit([EXIT])
    after = (tmp_path / RESERVE_NAME).stat()
    ledger.close()
    assert (before.st_size, after.st_size) == (RESERVE_BYTES, RESERVE_BYTES)
    assert before.st_blocks == after.st_blocks
    assert before.st_blocks * 512 >= RESERVE_BYTES
    assert stat.S_IMODE(after.st_mode) == 0o600


@pytest.mark.rule("C-212")
@pytest.mark.parametrize(
    "role", [role for role in Role if role.is_exit and role is not Role.CANCEL]
)
def test_an_exit_is_durable_in_the_reserve_and_gets_its_permit(tmp_path: Path, role: Role) -> None:
    entry = intent(20, role=role)
    ledger = failed(tmp_path)
    reserved = ledger.reserve.commit([fill(1, of=OPEN), entry])
    (permit,) = reserved.recorded
    assert (permit.intent_id, permit.label) == (entry.intent_id, entry.ref)
    (frame,) = read_frames(tmp_path)  # as another process sees it
    assert frame.hash.hex() == reserved.head.hash
    assert [kept.ref for kept in frame.entries] == ["BTC:1", entry.ref]
    ledger.close()


@pytest.mark.rule("C-212")
def test_an_order_that_opens_is_refused_with_all_that_came_with_it(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    with pytest.raises(NotForReserve):
        ledger.reserve.commit([fill(1), intent(30)])
    assert ledger.reserve.commits == 0
    ledger.close()
    assert read_frames(tmp_path) == ()


@pytest.mark.rule("C-207")
def test_nothing_is_taken_while_the_journal_itself_can_be_written(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger, pytest.raises(ValueError, match="can be written"):
        ledger.reserve.commit([EXIT])
    with pytest.raises(LedgerUnwritable, match="closed"):
        ledger.reserve.commit([EXIT])


@pytest.mark.rule("C-207")
@pytest.mark.rule("C-209")
def test_labels_and_trades_are_taken_once(tmp_path: Path) -> None:
    files = FaultyFiles()
    ledger = opened(tmp_path, vfs=files.name)
    ledger.commit([intent(5, role=Role.CLOSE), fill(7)])
    files.on_sync = broken
    with pytest.raises(LedgerUnwritable):
        ledger.commit([note(1)])
    ledger.reserve.commit([EXIT, fill(8)])
    for known in (intent(5, role=Role.CLOSE), fill(7), EXIT, fill(8)):
        with pytest.raises(AlreadyRecorded):
            ledger.reserve.commit([known])
    with pytest.raises(AlreadyRecorded):
        ledger.reserve.commit([fill(9), fill(9)])
    assert ledger.reserve.commits == 1
    ledger.close()


@pytest.mark.rule("C-212")
@pytest.mark.rule("C-213")
def test_what_the_reserve_holds_is_in_the_journal_after_the_next_opening(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    booked, wish = fill(2, of=EXIT, amount="40"), cancel(11, of=OPEN)
    ledger.reserve.commit([EXIT])
    ledger.reserve.commit([moved(EXIT, LifeEvent.SEND), booked])
    ledger.reserve.commit([wish])
    ledger.close()
    with opened(tmp_path) as again:
        assert again.folded_in is not None
        assert (again.folded_in.commits, again.folded_in.appended) == (3, 4)
        assert again.folded_in.skipped == ()
        assert not again.folded_in.is_torn
        assert EXIT.intent_id is not None
        order = again.state.orders[EXIT.intent_id]
        assert (order.phase, order.filled) == (Phase.PARTIAL, 40)
        again.commit([started(2)])
        with pytest.raises(AlreadyRecorded):
            again.commit([EXIT])
    assert kinds(tmp_path) == [
        "intent",
        "intent",
        "moved",
        "fill",
        "intent",
        "anomaly",
        "run_started",
    ]
    assert read_frames(tmp_path) == ()
    assert verify(tmp_path).is_good
    with opened(tmp_path) as third:
        assert third.folded_in is None


@pytest.mark.rule("C-212")
def test_what_a_failed_commit_left_after_all_is_not_booked_twice(tmp_path: Path) -> None:
    files = FaultyFiles()
    ledger = opened(tmp_path, vfs=files.name)
    ledger.commit([OPEN])
    files.on_sync = broken
    with pytest.raises(LedgerUnwritable):
        ledger.commit([fill(3, of=OPEN), EXIT])  # DEPENDENCIES §2.2.9: these rows reappear
    ledger.reserve.commit([fill(3, of=OPEN), EXIT, fill(4, of=EXIT)])
    files.heal()
    ledger.close()
    with opened(tmp_path) as again:
        assert again.folded_in is not None
        assert again.folded_in.skipped == (("fill", "BTC:3"), ("intent", EXIT.ref))
        assert again.folded_in.appended == 1
        assert OPEN.intent_id is not None
        assert again.state.orders[OPEN.intent_id].filled == 10
    assert verify(tmp_path).is_good


@pytest.mark.rule("C-212")
def test_a_ledger_that_still_cannot_be_written_loses_nothing_of_the_reserve(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    ledger.reserve.commit([EXIT])
    ledger.close()
    before = (tmp_path / RESERVE_NAME).read_bytes()
    for fault in ("write", "sync"):
        files = FaultyFiles()
        setattr(files, f"on_{fault}", full if fault == "write" else broken)
        with pytest.raises(LedgerUnwritable):
            opened(tmp_path, vfs=files.name)
        assert (tmp_path / RESERVE_NAME).read_bytes() == before
    with opened(tmp_path) as again:
        assert EXIT.intent_id in again.state.orders
    assert kinds(tmp_path).count("intent") == 2
    assert verify(tmp_path).is_good


@pytest.mark.rule("C-209")
@pytest.mark.rule("C-210")
def test_a_crash_at_any_step_of_the_clearing_appends_nothing_twice(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    for number in range(3):
        ledger.reserve.commit([note(50 + number)])
    ledger.close()
    whole = (tmp_path / RESERVE_NAME).read_bytes()
    opened(tmp_path).close()
    before = kinds(tmp_path)
    sectors = range(FRAMES_START // 512, FRAMES_START // 512 + 6)
    for lost in range(1, 64):  # any sectors of the old content may still be there
        content = bytearray((tmp_path / RESERVE_NAME).read_bytes())
        for bit, sector in enumerate(sectors):
            if lost >> bit & 1:
                content[sector * 512 : sector * 512 + 512] = whole[
                    sector * 512 : sector * 512 + 512
                ]
        (tmp_path / RESERVE_NAME).write_bytes(content)
        opened(tmp_path).close()
        assert kinds(tmp_path) == before
        assert not any((tmp_path / RESERVE_NAME).read_bytes()[FRAMES_START:])


@pytest.mark.rule("C-210")
@pytest.mark.parametrize("harm", ["cut", "flip", "zero"])
def test_a_torn_end_costs_only_what_was_not_acknowledged(tmp_path: Path, harm: str) -> None:
    source = tmp_path / "source"
    ledger = failed(source)
    ends: list[int] = []
    for number in range(3):
        ledger.reserve.commit([fill(60 + number)])
        ends.append(RESERVE_BYTES - ledger.reserve.bytes_left)
    ledger.close()
    whole = (source / RESERVE_NAME).read_bytes()
    files = {name: (source / name).read_bytes() for name in (DATABASE_NAME, f"{DATABASE_NAME}-wal")}
    for at in range(ends[1], ends[2], 61):
        home = tmp_path / f"{harm}-{at}"
        home.mkdir()
        for name, content in files.items():
            (home / name).write_bytes(content)
        torn = bytearray(whole)
        if harm == "flip":
            torn[at] ^= 1
        elif harm == "zero":
            torn[at : ends[2]] = bytes(ends[2] - at)
        else:
            del torn[at:]
        (home / RESERVE_NAME).write_bytes(torn)
        with opened(home) as again:
            trades = set(again.state.trades)
            assert trades in ({"BTC:60", "BTC:61"}, {"BTC:60", "BTC:61", "BTC:62"})
            is_whole = "BTC:62" in trades
            assert again.folded_in is not None
            assert (
                is_whole
                or again.folded_in.is_torn
                or (harm, at)
                in {
                    ("cut", ends[1]),
                    ("zero", ends[1]),
                }
            )
        assert verify(home).is_good
        assert (home / RESERVE_NAME).stat().st_size == RESERVE_BYTES


@pytest.mark.rule("C-210")
def test_damage_before_the_last_commit_is_said_and_not_stepped_over(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    for number in range(3):
        ledger.reserve.commit([note(70 + number)])
    ledger.close()
    whole = (tmp_path / RESERVE_NAME).read_bytes()
    for number, at in ((1, FRAMES_START + 200), (2, FRAMES_START + 512 + 200)):
        content = bytearray(whole)
        content[at] ^= 1
        (tmp_path / RESERVE_NAME).write_bytes(content)
        with pytest.raises(LedgerCorrupt, match=f"commit {number} of the reserve"):
            opened(tmp_path)
        assert (tmp_path / RESERVE_NAME).read_bytes() == content
    (tmp_path / RESERVE_NAME).write_bytes(whole)
    opened(tmp_path).close()


@pytest.mark.rule("C-210")
def test_a_journal_that_lost_what_the_reserve_goes_on_from_is_named(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    ledger.reserve.commit([EXIT])
    ledger.close()
    tamper(tmp_path, "DELETE FROM journal")
    with pytest.raises(LedgerCorrupt, match="record 1: the reserve file goes on from it"):
        opened(tmp_path)
    assert len(read_frames(tmp_path)) == 1


def test_the_head_of_the_file_is_checked_and_names_its_ledger(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    opened(one).close()
    opened(two, ledger_id=LedgerId("ee" * 16)).close()
    path = one / RESERVE_NAME
    own = path.read_bytes()
    path.write_bytes((two / RESERVE_NAME).read_bytes())
    with pytest.raises(LedgerCorrupt, match=f"another ledger than {LEDGER_ID}"):
        opened(one)
    path.write_bytes(own[:30] + bytes([own[30] ^ 1]) + own[31:])
    with pytest.raises(LedgerCorrupt, match="head is not what its hash says"):
        opened(one)
    path.write_bytes(b"")
    with pytest.raises(LedgerCorrupt):
        opened(one)
    path.unlink()
    path.symlink_to(two / RESERVE_NAME)
    with pytest.raises(LedgerUnwritable):
        opened(one)


@pytest.mark.rule("C-212")
def test_no_new_ledger_is_begun_where_one_was_lost(tmp_path: Path) -> None:
    opened(tmp_path).close()
    (tmp_path / DATABASE_NAME).unlink()
    for _ in range(2):
        with pytest.raises(LedgerCorrupt, match="the database is gone"):
            opened(tmp_path)
        assert not (tmp_path / DATABASE_NAME).exists()
    (tmp_path / DATABASE_NAME).touch()
    with pytest.raises(LedgerCorrupt, match="the database is gone"):
        opened(tmp_path)


@pytest.mark.rule("C-213")
def test_a_full_reserve_says_so_and_keeps_its_last_eighth_for_cancels(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    wish = cancel(10_000, of=OPEN)
    taken = filled(ledger, lambda number: _with_own_body(100 + number))
    assert ledger.reserve.bytes_left >= RESERVE_BYTES // 8
    ledger.reserve.commit([wish])
    cancels = 1 + filled(ledger, lambda number: cancel(10_001 + number, of=OPEN))
    assert ledger.reserve.bytes_left < 4_096
    ledger.close()
    with opened(tmp_path) as again:
        assert again.folded_in is not None
        assert again.folded_in.appended == taken + cancels
    assert verify(tmp_path).is_good


def filled(ledger: Ledger, make: Callable[[int], Entry]) -> int:
    """Commit until there is no room; return how many were taken."""
    before = ledger.reserve.commits
    with pytest.raises(ReserveFull):
        _ = [ledger.reserve.commit([make(number)]) for number in range(10_000)]
    return ledger.reserve.commits - before


def _with_own_body(number: int) -> Entry:
    """An exit with a capsule that packs badly, 8 KiB of it."""
    whole = intent(number, role=Role.CLOSE)
    assert isinstance(whole.record, IntentRecorded)
    body = Body.of(os.urandom(8_192))
    return Entry(
        record=msgspec.structs.replace(whole.record, capsule=body.hash, snapshot=body.hash),
        run_id=whole.run_id,
        at_venue_ms=1,
        at_mono_ns=1,
        intent_id=IntentId(whole.intent_id or ""),
        ref=whole.ref,
        bodies=(body,),
    )


def test_an_exit_without_its_capsule_is_refused_and_with_it_in_an_earlier_commit_taken(
    tmp_path: Path,
) -> None:
    whole = intent(12, role=Role.CLOSE)
    bare = Entry(
        record=whole.record,
        run_id=whole.run_id,
        at_venue_ms=1,
        at_mono_ns=1,
        intent_id=whole.intent_id,
        ref=whole.ref,
    )
    ledger = failed(tmp_path)
    with pytest.raises(ValueError, match="which a record names"):
        ledger.reserve.commit([bare])
    ledger.reserve.commit([EXIT])
    ledger.reserve.commit([bare])
    ledger.close()
    with opened(tmp_path) as again:
        assert again.folded_in is not None
        assert again.folded_in.appended == 2
    assert verify(tmp_path).is_good


@pytest.mark.rule("C-212", "C-907")
@pytest.mark.parametrize("harm", ["gone", "cut", "replaced"])
def test_a_reserve_that_is_not_whole_says_so_before_it_is_needed(tmp_path: Path, harm: str) -> None:
    ledger = opened(tmp_path)
    file = tmp_path / RESERVE_NAME
    assert ledger.reserve.fault() is None
    content = file.read_bytes()
    if harm == "cut":
        with file.open("r+b") as handle:
            handle.truncate(len(content) - 1)
    else:
        file.rename(tmp_path / "elsewhere")
    if harm == "replaced":
        file.write_bytes(content)
    assert ledger.reserve.fault() == "the file is gone, or has been cut short"
    ledger.close()


@pytest.mark.rule("C-202")
def test_who_takes_the_ledgers_lock_away_does_not_get_the_reserve(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        (tmp_path / LOCK_NAME).unlink()
        with pytest.raises(LedgerHeld):
            opened(tmp_path)
        with pytest.raises(LedgerUnwritable, match="taken away"):
            ledger.commit([note(1)])
        assert not ledger.still_alone()
        ledger.reserve.commit([EXIT])


def test_a_reserve_file_that_was_taken_away_takes_nothing_more(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    (tmp_path / RESERVE_NAME).rename(tmp_path / "away")
    with pytest.raises(LedgerUnwritable, match="reserve file was taken away"):
        ledger.reserve.commit([EXIT])
    (tmp_path / "away").rename(tmp_path / RESERVE_NAME)
    with pytest.raises(LedgerUnwritable):  # what it missed meanwhile nobody knows
        ledger.reserve.commit([EXIT])
    ledger.close()


def test_the_fold_is_a_record_that_names_what_was_done(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    head = head_of(tmp_path)
    ledger.reserve.commit([note(1), note(2)])
    ledger.close()
    opened(tmp_path).close()
    with open_reader(tmp_path) as reader:
        (mark,) = reader.last(1)
    assert mark.entry.ref == f"reserve:{head.hash}"
    assert getattr(mark.entry.record, "code", None) == FOLDED_CODE


def head_of(home: Path) -> Head:
    """The newest record, as another process sees it."""
    with open_reader(home) as reader:
        return reader.head()


def test_the_state_after_folding_in_is_the_state_that_a_rebuild_finds(tmp_path: Path) -> None:
    ledger = failed(tmp_path)
    ledger.reserve.commit([EXIT, fill(1, of=EXIT), moved(OPEN, LifeEvent.DOUBT)])
    ledger.close()
    with opened(tmp_path) as again:
        live = encode_state(again.state)
    tamper(tmp_path, "DELETE FROM snapshot")
    with opened(tmp_path) as third:
        assert encode_state(third.state) == live
