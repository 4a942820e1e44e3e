import hashlib
from pathlib import Path

import pytest

from ledger.connection import DATABASE_NAME
from ledger.errors import LedgerAbsent, QueryRefused
from ledger.inspect import inspect
from tests.ledger.making import fill, intent, note, opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with opened(tmp_path / "home") as ledger:
        ledger.commit([intent(1), fill(2), note(3), note(4)])
    return tmp_path / "home"


@pytest.mark.rule("C-211")
def test_a_question_is_answered_from_a_copy(home: Path) -> None:
    answer = inspect(
        home, "SELECT kind, count(*) AS n FROM journal GROUP BY kind ORDER BY n DESC, kind"
    )
    assert answer.columns == ("kind", "n")
    assert answer.rows == (("anomaly", "2"), ("fill", "1"), ("intent", "1"))
    assert not answer.is_cut
    assert answer.head.seq == 4


def test_bodies_are_shown_as_text_and_bytes_as_their_length(home: Path) -> None:
    ((body, digest),) = inspect(home, "SELECT body, hash FROM journal WHERE seq = 3").rows
    assert body.startswith('{"type":"anomaly/1"')
    assert digest.endswith("32 bytes")


def test_more_rows_than_wanted_are_cut_and_it_is_said(home: Path) -> None:
    assert len(inspect(home, "SELECT seq FROM journal", rows_max=4).rows) == 4
    assert not inspect(home, "SELECT seq FROM journal", rows_max=4).is_cut
    cut = inspect(home, "SELECT seq FROM journal", rows_max=3)
    assert (len(cut.rows), cut.is_cut) == (3, True)


@pytest.mark.rule("C-203")
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM snapshot",
        "INSERT INTO body VALUES ('a', x'00')",
        "DROP TABLE journal",
        "ATTACH '{home}/ledger.db' AS live",
        "PRAGMA user_version = 9",
        "PRAGMA writable_schema = 1",
        "CREATE TEMP TABLE t (x)",
        "VACUUM INTO '{home}/made.db'",
        "BEGIN IMMEDIATE",
        "SELECT 1; DELETE FROM snapshot",
        "SELECT",
        "SELECT * FROM nowhere",
        "SELECT load_extension('x')",
    ],
)
def test_nothing_but_reading_is_answered(home: Path, sql: str) -> None:
    before = hashlib.sha256((home / DATABASE_NAME).read_bytes()).digest()
    with pytest.raises(QueryRefused):
        inspect(home, sql.format(home=home))
    assert hashlib.sha256((home / DATABASE_NAME).read_bytes()).digest() == before
    assert not (home / "made.db").exists()


def test_a_question_without_end_is_ended(home: Path) -> None:
    forever = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    with pytest.raises(QueryRefused, match="Interrupt"):
        inspect(home, forever, turns_max=3)


def test_no_ledger_has_no_answer(tmp_path: Path) -> None:
    with pytest.raises(LedgerAbsent):
        inspect(tmp_path, "SELECT 1")
