"""Make a ledger one of the schema before: what a migration is then drilled on.

The steps of `ledger.migrate` backwards, as the older version wrote its tables.
"""

from pathlib import Path
from typing import Final

from ledger.connection import DATABASE_NAME, open_writable

__all__ = ["make_older"]

_BACK: Final = (
    "DROP INDEX journal_kind_ref",
    "CREATE INDEX journal_kind_ref ON journal (kind, ref)",
    "PRAGMA user_version = 1",
)


def make_older(home: Path) -> None:
    """Take the ledger in `home` back to schema 1. Nothing else may have it open."""
    connection = open_writable(home / DATABASE_NAME, vfs=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _BACK:
            connection.execute(statement)
        connection.execute("COMMIT")
    finally:
        connection.close(True)
