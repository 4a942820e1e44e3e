import hashlib
from pathlib import Path

import apsw
import pytest

from ledger.connection import DATABASE_NAME
from ledger.entry import Body, Entry
from ledger.upkeep import (
    SNAPSHOT_BUSY_RECORDS,
    SNAPSHOT_IDLE_RECORDS,
    WAL_BUSY_PAGES,
    WAL_IDLE_PAGES,
    upkeep,
)
from tests.ledger.making import RUN, note, opened


def bulky(number: int, size: int) -> Entry:
    """An entry with a body that does not get smaller by packing."""
    plain = note(number)
    body = Body.of(hashlib.shake_256(bytes([number])).digest(size))
    return Entry(record=plain.record, run_id=RUN, at_venue_ms=0, at_mono_ns=0, bodies=(body,))


@pytest.mark.parametrize(
    ("is_idle", "records"), [(True, SNAPSHOT_IDLE_RECORDS), (False, SNAPSHOT_BUSY_RECORDS)]
)
def test_a_snapshot_is_due_by_records(tmp_path: Path, is_idle: bool, records: int) -> None:
    with opened(tmp_path) as ledger:
        for _ in range(records // 250):
            upkeep(ledger, is_idle=is_idle)
            assert ledger.snapshot_seq == 0
            ledger.commit([note(number) for number in range(250)])
        upkeep(ledger, is_idle=is_idle)
        assert ledger.snapshot_seq == records


def test_idle_time_empties_the_log_once_that_is_worth_it(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(0)])
        before = ledger.wal_pages
        upkeep(ledger, is_idle=True)
        assert ledger.wal_pages == before < WAL_IDLE_PAGES
        ledger.commit([bulky(1, WAL_IDLE_PAGES * 4096)])
        upkeep(ledger, is_idle=False)
        assert ledger.wal_pages >= WAL_IDLE_PAGES
        upkeep(ledger, is_idle=True)
        assert ledger.wal_pages == 0


def test_the_log_is_bounded_though_nothing_is_ever_idle(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        for number in range(8):
            ledger.commit([bulky(number, 4 * 1024 * 1024)])
            upkeep(ledger, is_idle=False)
            assert ledger.wal_pages < WAL_BUSY_PAGES
        assert (tmp_path / f"{DATABASE_NAME}-wal").stat().st_size < WAL_BUSY_PAGES * 4200


def test_a_reader_that_stays_makes_tries_rarer_and_never_a_fault(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        ledger.commit([note(0)])
        reader = apsw.Connection(str(tmp_path / DATABASE_NAME), flags=apsw.SQLITE_OPEN_READONLY)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM journal").fetchall()
        stuck = set()
        for number in range(12):
            ledger.commit([bulky(number, 4 * 1024 * 1024)])
            upkeep(ledger, is_idle=False)
            stuck.add(ledger.stuck_pages)
        assert len(stuck - {0}) == 3  # twelve commits of 4 MiB are three times 16 MiB
        reader.close()
        ledger.checkpoint(truncate=True)
        assert ledger.wal_pages == 0
