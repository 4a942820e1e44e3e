"""The tables of the database, and the proof that they are still these.

`journal` is the truth, `body` holds what is too big for it, `snapshot` only saves time: it can be
dropped and made again. STRICT tables keep a text a text. The triggers refuse change whoever asks;
that the journal's order and uniqueness are the database's own rules means that no bug of ours can
book a trade or use a label twice [C-203, C-207, C-209].
"""

from typing import Final

import apsw

from ledger.errors import LedgerCorrupt, LedgerNewer, LedgerOlder

__all__ = [
    "APPLICATION_ID",
    "SCHEMA_VERSION",
    "check_schema",
    "is_blank",
    "make_schema",
    "schema_version",
]

APPLICATION_ID: Final = 0x624F544C  # "bOTL"
SCHEMA_VERSION: Final = 2  # each older one has its step in `ledger.migrate`

_REFUSE: Final = """
CREATE TRIGGER {table}_refuses_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

# Most records have no name of their own: they need not widen every commit by an index page.
_REF_INDEX: Final = "CREATE INDEX journal_kind_ref ON journal (kind, ref) WHERE ref IS NOT NULL"
_REF_INDEX_1: Final = "CREATE INDEX journal_kind_ref ON journal (kind, ref)"

_STATEMENTS: Final = (
    """
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    environment TEXT NOT NULL,
    account TEXT NOT NULL,
    ledger_id TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT
""",
    """
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    run_id TEXT NOT NULL,
    intent_id TEXT,
    ref TEXT,
    at_venue_ms INTEGER NOT NULL,
    at_mono_ns INTEGER NOT NULL,
    body BLOB NOT NULL,
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    CHECK (kind NOT IN ('fill', 'intent') OR ref IS NOT NULL)
) STRICT
""",
    "CREATE INDEX journal_intent ON journal (intent_id) WHERE intent_id IS NOT NULL",
    _REF_INDEX,
    "CREATE UNIQUE INDEX journal_once ON journal (kind, ref) WHERE kind IN ('fill', 'intent')",
    "CREATE TABLE body (hash TEXT PRIMARY KEY NOT NULL, bytes BLOB NOT NULL) STRICT",
    """
CREATE TABLE snapshot (
    seq INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT
""",
    # REPLACE deletes without asking a delete trigger, so an insertion must not meet anything.
    """
CREATE TRIGGER journal_refuses_disorder BEFORE INSERT ON journal
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM journal)
    OR (NEW.seq > 1 AND NEW.prev_hash IS NOT (SELECT hash FROM journal WHERE seq = NEW.seq - 1))
    OR (NEW.kind IN ('fill', 'intent')
        AND EXISTS (SELECT 1 FROM journal WHERE kind = NEW.kind AND ref = NEW.ref))
BEGIN SELECT RAISE(ABORT, 'the record does not follow the journal, or is in it already'); END
""",
    """
CREATE TRIGGER body_keeps_the_first BEFORE INSERT ON body
WHEN EXISTS (SELECT 1 FROM body WHERE hash = NEW.hash)
BEGIN SELECT RAISE(IGNORE); END
""",
    """
CREATE TRIGGER meta_keeps_the_first BEFORE INSERT ON meta
WHEN EXISTS (SELECT 1 FROM meta)
BEGIN SELECT RAISE(ABORT, 'meta is written once'); END
""",
    *(
        _REFUSE.format(table=table, verb=verb)
        for table in ("body", "journal", "meta")
        for verb in ("DELETE", "UPDATE")
    ),
)


# What a file of each version must hold, to the letter.
_SCHEMAS: Final = {
    1: tuple(_REF_INDEX_1 if each == _REF_INDEX else each for each in _STATEMENTS),
    2: _STATEMENTS,
}


def make_schema(connection: apsw.Connection) -> None:
    """Write the tables into an empty database, inside the caller's transaction."""
    for statement in _STATEMENTS:
        connection.execute(statement)
    connection.pragma("application_id", APPLICATION_ID)
    connection.pragma("user_version", SCHEMA_VERSION)


def is_blank(connection: apsw.Connection) -> bool:
    """Say whether nothing was ever made here: a crash before the first transaction leaves this."""
    return not connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()


def schema_version(connection: apsw.Connection) -> int:
    """Return the file's schema number. Raises LedgerCorrupt for no ledger, and LedgerNewer."""
    application = connection.pragma("application_id")
    if application != APPLICATION_ID:
        raise LedgerCorrupt(0, f"the file is no ledger: its application id was {application}")
    version = int(connection.pragma("user_version") or 0)
    if version > SCHEMA_VERSION:
        raise LedgerNewer(was=f"schema {version}", known=f"schema {SCHEMA_VERSION}")
    if version not in _SCHEMAS:
        raise LedgerCorrupt(0, f"the schema number was {version}; there never was one")
    return version


def check_schema(connection: apsw.Connection, *, takes_older: bool = False) -> None:
    """Raise LedgerCorrupt when the tables and triggers are not exactly those of their version.

    Raises LedgerNewer; and LedgerOlder unless older ones are taken too, which only copying,
    verifying and migrating do.
    """
    version = schema_version(connection)
    if version != SCHEMA_VERSION and not takes_older:
        raise LedgerOlder(was=version, known=SCHEMA_VERSION)
    found = {
        text.strip()
        for (text,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
    }
    wanted = {statement.strip() for statement in _SCHEMAS[version]}
    if found != wanted:
        first = min(found ^ wanted).splitlines()[0]
        raise LedgerCorrupt(0, f"the tables or triggers were changed, first at: {first}")
