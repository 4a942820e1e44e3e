from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from ledger.chain import Row
from ledger.connection import DATABASE_NAME
from ledger.errors import LedgerCorrupt
from ledger.verify import verify
from tests.ledger.making import fill, intent, note, opened
from tests.ledger.tampering import tamper


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with opened(tmp_path) as ledger:
        order = intent(1)
        ledger.commit([note(0), order, fill(2, of=order), note(3), note(4)])
    return tmp_path


@pytest.fixture
def raw(home: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(home / DATABASE_NAME))
    yield connection
    connection.close()


@pytest.mark.rule("C-203")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal",
        "DELETE FROM body",
        "DELETE FROM meta",
        "UPDATE journal SET seq = seq + 100",
        "UPDATE journal SET body = x'00' WHERE seq = 3",
        "UPDATE body SET bytes = x'00'",
        "UPDATE meta SET environment = 'LIVE'",
        "REPLACE INTO journal SELECT * FROM journal",
        "REPLACE INTO meta SELECT * FROM meta",
        "INSERT INTO meta SELECT 2, environment, account, ledger_id, 0 FROM meta",
    ],
)
def test_nothing_written_is_changed_or_deleted(raw: apsw.Connection, statement: str) -> None:
    before = everything(raw)
    with pytest.raises(apsw.ConstraintError):
        raw.execute(statement)
    assert everything(raw) == before


def test_a_body_is_never_replaced(raw: apsw.Connection) -> None:
    before = everything(raw)
    raw.execute("REPLACE INTO body SELECT hash, x'00' FROM body")
    assert everything(raw) == before


def everything(raw: apsw.Connection) -> list[object]:
    return [
        *raw.execute("SELECT * FROM journal ORDER BY seq"),
        *raw.execute("SELECT * FROM body ORDER BY hash"),
        *raw.execute("SELECT * FROM meta"),
    ]


@pytest.mark.rule("C-203")
@pytest.mark.parametrize("seq", [0, 3, 7, -1])
def test_a_row_out_of_order_is_refused_by_the_database(raw: apsw.Connection, seq: int) -> None:
    with pytest.raises(apsw.ConstraintError, match="does not follow"):
        raw.execute(
            "INSERT INTO journal SELECT ?, 'note', run_id, NULL, NULL, 0, 0, body, hash, hash"
            " FROM journal WHERE seq = 5",
            (seq,),
        )


@pytest.mark.rule("C-207")
@pytest.mark.rule("C-209")
@pytest.mark.parametrize("seq", [2, 3], ids=["intent", "fill"])
@pytest.mark.parametrize("verb", ["INSERT INTO", "REPLACE INTO", "INSERT OR IGNORE INTO"])
def test_a_second_label_or_trade_is_refused_by_the_database(
    raw: apsw.Connection, seq: int, verb: str
) -> None:
    again = (
        "journal SELECT 6, kind, run_id, intent_id, ref, 0, 0, body,"
        " (SELECT hash FROM journal WHERE seq = 5), hash FROM journal WHERE seq = ?"
    )
    with pytest.raises(apsw.ConstraintError):
        raw.execute(f"{verb} {again}", (seq,))
    assert raw.execute("SELECT count(*) FROM journal").fetchall() == [(5,)]


def test_the_unique_index_holds_where_a_trigger_is_gone(raw: apsw.Connection) -> None:
    raw.execute("DROP TRIGGER journal_refuses_disorder")
    with pytest.raises(apsw.ConstraintError, match="UNIQUE"):
        raw.execute(
            "INSERT INTO journal SELECT 6, kind, run_id, intent_id, ref, 0, 0, body, hash, hash"
            " FROM journal WHERE seq = 3"
        )


@pytest.mark.parametrize("kind", ["fill", "intent"])
def test_a_fill_or_intent_without_a_name_is_refused(raw: apsw.Connection, kind: str) -> None:
    with pytest.raises(apsw.ConstraintError, match="CHECK"):
        raw.execute(
            "INSERT INTO journal SELECT 6, ?, run_id, NULL, NULL, 0, 0, body, hash, hash"
            " FROM journal WHERE seq = 5",
            (kind,),
        )


CHANGES = {
    "seq": "300",  # found at the gap
    "kind": "'anomaly'",
    "run_id": "run_id || 'x'",
    "intent_id": "NULL",
    "ref": "ref || 'x'",
    "at_venue_ms": "at_venue_ms + 1",
    "at_mono_ns": "at_mono_ns - 1",
    "body": "CAST(replace(CAST(body AS TEXT), '60000.5', '60000.6') AS BLOB)",
    "prev_hash": "zeroblob(32)",
    "hash": "zeroblob(32)",
}


def test_every_column_has_its_change() -> None:
    assert tuple(CHANGES) == Row._fields


@pytest.mark.rule("C-203")
@pytest.mark.rule("C-210")
@pytest.mark.parametrize(("column", "change"), CHANGES.items(), ids=CHANGES)
def test_a_change_in_any_column_is_found_and_its_record_named(
    home: Path, column: str, change: str
) -> None:
    statement = "UPDATE journal SET {} = {} WHERE seq = 3"
    tamper(home, statement.format(column, change))
    assert verify(home).faults[0].seq == 3
    tamper(home, "DELETE FROM snapshot")
    with pytest.raises(LedgerCorrupt) as caught:
        opened(home)
    assert caught.value.seq == 3


@pytest.mark.rule("C-203")
def test_a_record_taken_out_of_the_middle_is_found(home: Path) -> None:
    tamper(home, "DELETE FROM journal WHERE seq = 3")
    assert verify(home).faults[0].seq == 3


@pytest.mark.rule("C-210")
def test_a_shortened_journal_with_its_snapshot_is_found(home: Path) -> None:
    tamper(home, "DELETE FROM journal WHERE seq = 5")
    assert [fault.seq for fault in verify(home).faults] == [5]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE body SET bytes = x'00'", "UPDATE body SET hash = 'f' || substr(hash, 2)"],
)
def test_a_changed_body_is_found(home: Path, statement: str) -> None:
    tamper(home, statement)
    assert not verify(home).is_good


def test_a_missing_body_is_found_at_the_intent_that_stands_on_it(home: Path) -> None:
    tamper(home, "DELETE FROM body")
    assert [fault.seq for fault in verify(home).faults] == [2, 2]


@pytest.mark.rule("C-203")
def test_a_dropped_trigger_is_found_when_opening(home: Path, raw: apsw.Connection) -> None:
    raw.execute("DROP TRIGGER journal_refuses_DELETE")
    with pytest.raises(LedgerCorrupt, match="triggers were changed"):
        opened(home)
