import os
import stat
import time
from pathlib import Path

import apsw
import pytest

from bot.core.durable import encode_state
from bot.core.life import LifeEvent, Phase
from bot.domain.ids import AccountId
from bot.domain.mode import Environment
from ledger.chain import Head
from ledger.connection import DATABASE_NAME, require_sqlite
from ledger.errors import (
    LedgerAbsent,
    LedgerCorrupt,
    LedgerHeld,
    LedgerNewer,
    LedgerUnwritable,
    WrongLedger,
)
from ledger.open import fresh_ledger_id
from ledger.schema import SCHEMA_VERSION
from ledger.verify import verify
from tests.ledger.making import OWNER, intent, moved, note, opened, started
from tests.ledger.tampering import tamper


def test_a_new_ledger_is_private_empty_and_stamped(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    with opened(home) as ledger:
        assert ledger.owner == OWNER
        assert ledger.head.seq == 0
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_ids_of_ledgers_are_hex_and_differ() -> None:
    first, second = fresh_ledger_id(), fresh_ledger_id()
    assert first != second
    assert len(bytes.fromhex(first)) == 16


@pytest.mark.rule("C-210")
def test_what_was_committed_is_there_again(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(0), intent(1)])
        before, head = encode_state(ledger.state), ledger.head
    with opened(tmp_path, create=False) as ledger:
        assert encode_state(ledger.state) == before
        assert ledger.head == head


@pytest.mark.rule("C-205")
def test_what_was_in_flight_is_unknown_once_the_next_run_is_recorded(tmp_path: Path) -> None:
    order = intent(1)
    assert order.intent_id is not None
    with opened(tmp_path) as ledger:
        ledger.commit([order])
        ledger.commit([moved(order, LifeEvent.SEND)])
        assert ledger.state.orders[order.intent_id].phase is Phase.SENT
    with opened(tmp_path) as ledger:
        ledger.commit([started(2)])
        assert ledger.state.orders[order.intent_id].phase is Phase.UNKNOWN


def test_no_ledger_is_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(LedgerAbsent):
        opened(tmp_path / "nowhere", create=False)
    with pytest.raises(LedgerAbsent):
        opened(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.rule("C-001")
@pytest.mark.rule("C-011")
def test_the_ledger_of_another_environment_or_account_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with pytest.raises(WrongLedger) as caught:
        opened(tmp_path, environment=Environment.LIVE)
    assert (caught.value.what, caught.value.was, caught.value.wanted) == (
        "environment",
        "DEV",
        "LIVE",
    )
    with pytest.raises(WrongLedger, match="account"):
        opened(tmp_path, account=AccountId("other"))
    opened(tmp_path).close()  # and the lock was let go each time


def test_a_crash_while_it_was_made_leaves_something_that_can_be_finished(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).touch(mode=0o600)
    with pytest.raises(LedgerAbsent):
        opened(tmp_path, create=False)
    with opened(tmp_path) as ledger:
        ledger.commit([note(0)])


@pytest.mark.parametrize(
    "content", [b"not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 4000]
)
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / DATABASE_NAME
    path.write_bytes(content)
    with pytest.raises(LedgerCorrupt):
        opened(tmp_path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / DATABASE_NAME))
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(LedgerCorrupt, match="no ledger"):
        opened(tmp_path)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    connection = apsw.Connection(str(tmp_path / DATABASE_NAME))
    connection.pragma("user_version", SCHEMA_VERSION + 1)
    connection.close()
    with pytest.raises(LedgerNewer, match=f"schema {SCHEMA_VERSION + 1}"):
        opened(tmp_path)


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.51.2"])
def test_a_library_that_can_lose_rows_is_refused(version: str) -> None:
    with pytest.raises(LedgerUnwritable, match=version):
        require_sqlite(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.54.1", "4.0"])
def test_a_library_without_that_fault_is_taken(version: str) -> None:
    require_sqlite(version)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write what is read-only")
@pytest.mark.rule("C-212")
def test_a_read_only_file_is_unwritable(tmp_path: Path) -> None:
    opened(tmp_path).close()
    (tmp_path / DATABASE_NAME).chmod(0o400)
    with pytest.raises(LedgerUnwritable):
        opened(tmp_path)


@pytest.mark.rule("C-210")
def test_a_damaged_page_is_found_when_opening(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(number) for number in range(100)])
    path = tmp_path / DATABASE_NAME
    content = bytearray(path.read_bytes())
    at = content.index(b"number 50")
    content[at - at % 4096 : at - at % 4096 + 8] = b"\xff" * 8  # the page's header
    path.write_bytes(content)
    with pytest.raises(LedgerCorrupt):
        opened(tmp_path)


@pytest.mark.rule("C-210")
def test_a_flipped_bit_in_a_text_column_is_damage_and_no_crash(tmp_path: Path) -> None:
    """Found by seed 174: the database hands out text that is none, and decoding it raised."""
    with opened(tmp_path) as ledger:
        ledger.commit([note(1)])
    path = tmp_path / DATABASE_NAME
    content = path.read_bytes()
    at = content.index(b"anomaly") + 3
    path.write_bytes(content[:at] + b"\xb2" + content[at + 1 :])
    with pytest.raises(LedgerCorrupt), opened(tmp_path):
        pass
    assert not verify(tmp_path).is_good


@pytest.mark.rule("C-210")
@pytest.mark.parametrize("harm", ["cut", "flip"])
def test_a_torn_log_opens_to_the_last_whole_commit_or_says_what_is_broken(
    tmp_path: Path, harm: str
) -> None:
    source = tmp_path / "source"
    heads: set[Head] = set()
    with opened(source) as ledger:
        ledger.checkpoint(truncate=True)
        heads.add(ledger.head)
        for number in range(12):
            heads.add(ledger.commit([intent(number), note(number)]).head)
        database = (source / DATABASE_NAME).read_bytes()  # nobody else opens it: no lock is lost
        log = (source / f"{DATABASE_NAME}-wal").read_bytes()
    reached: set[int] = set()
    for at in range(0, len(log), 1_777):
        home = tmp_path / f"{harm}-{at}"
        home.mkdir()
        (home / DATABASE_NAME).write_bytes(database)
        torn = log[:at] if harm == "cut" else log[:at] + bytes([log[at] ^ 1]) + log[at + 1 :]
        (home / f"{DATABASE_NAME}-wal").write_bytes(torn)
        with opened(home) as ledger:
            assert ledger.head in heads
            reached.add(ledger.head.seq)
        assert verify(home).is_good
    assert len(reached) > 6  # the cuts were many, and not all at one place


@pytest.mark.parametrize("change", ["body = x'00'", "hash = zeroblob(32)", "body = zeroblob(90)"])
def test_a_damaged_snapshot_costs_time_and_never_truth(tmp_path: Path, change: str) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([intent(1)])
        before = encode_state(ledger.state)
    statement = "UPDATE snapshot SET {}"
    tamper(tmp_path, statement.format(change))
    with opened(tmp_path) as ledger:
        assert ledger.snapshot_seq == 0
        assert encode_state(ledger.state) == before


def test_the_snapshot_before_stands_in_for_a_damaged_one(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        for number in range(4):
            ledger.commit([intent(number)])
            ledger.take_snapshot()
    tamper(tmp_path, "UPDATE snapshot SET hash = zeroblob(32) WHERE seq = 4")
    with opened(tmp_path) as ledger:
        assert (ledger.snapshot_seq, ledger.head.seq) == (3, 4)


def test_a_snapshot_saves_folding_twenty_thousand_records_again(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        for group in range(100):
            ledger.commit([note(group * 200 + number) for number in range(200)])
    start = time.perf_counter()
    with opened(tmp_path) as ledger:
        took = time.perf_counter() - start
        assert (ledger.head.seq, ledger.snapshot_seq) == (20_000, 20_000)
    assert took < 2


def test_a_held_ledger_stays_usable_after_the_refusal(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        with pytest.raises(LedgerHeld):
            opened(tmp_path)
        assert ledger.still_held()
        ledger.commit([note(1)])
