from pathlib import Path

import apsw
import pytest

from ledger.connection import DATABASE_NAME, ask, open_read_only, open_writable
from ledger.errors import LedgerCorrupt, LedgerUnwritable
from tests.ledger.making import opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    opened(tmp_path).close()
    return tmp_path / DATABASE_NAME


@pytest.mark.rule("C-201")
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("fullfsync", 1), ("wal_autocheckpoint", 0)],
)
def test_the_settings_that_durability_stands_on_hold(
    path: Path, pragma: str, value: str | int
) -> None:
    connection = open_writable(path, vfs=None)
    assert connection.pragma(pragma) == value
    connection.close()


def test_a_symbolic_link_is_not_followed(path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    for open_ in (open_read_only, lambda at: open_writable(at, vfs=None)):
        with pytest.raises(LedgerUnwritable):
            open_(link)


def test_a_value_of_another_type_is_corrupt(path: Path) -> None:
    connection = open_read_only(path)
    with pytest.raises(LedgerCorrupt, match="another type"):
        ask(connection, "SELECT 'x'", (), tuple[int])
    connection.close()


def test_a_read_only_connection_refuses_to_write(path: Path) -> None:
    connection = open_read_only(path)
    with pytest.raises(apsw.ReadOnlyError):
        connection.execute("DELETE FROM snapshot")
    connection.close()
