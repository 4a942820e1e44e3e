"""Changing a ledger behind its back, as a bad disk or a bad hand would."""

from pathlib import Path

import apsw

from ledger.connection import DATABASE_NAME


def tamper(home: Path, statement: str, bindings: tuple[str | int | bytes | None, ...] = ()) -> None:
    """Run one statement with all triggers off, and leave the schema as it was."""
    connection = apsw.Connection(str(home / DATABASE_NAME))
    try:
        with connection:
            triggers = connection.execute(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid"
            ).fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement, bindings)
            assert connection.changes() > 0, "the statement changed nothing"
            for _, sql in triggers:
                connection.execute(str(sql))
    finally:
        connection.close()
