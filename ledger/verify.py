"""Full verification: everything that the ledger claims, checked from the first record on.

Works on a live ledger too, as a reader. It goes on after a fault where that makes sense, so that
one run names all that is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import apsw

from bot.core.durable import apply, empty, encode_state
from bot.core.record import Record
from ledger.chain import Head
from ledger.connection import DATABASE_NAME, ask, faults_mapped, open_read_only
from ledger.entry import bodies_named
from ledger.errors import LedgerAbsent, LedgerCorrupt
from ledger.fold import record_of
from ledger.journal import Meta, body_content, body_names, has_body, last_seq, links, read_meta
from ledger.schema import check_schema
from ledger.snapshot import snapshot_bytes, snapshot_seqs

__all__ = ["Fault", "Verdict", "verify"]

_INTEGRITY_LINES_MAX: Final = 20


@final
@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `seq` is the record, 0 for what has none."""

    seq: int
    what: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was checked, and what was found. `head` is the last record that proved good."""

    head: Head
    records: int
    bodies: int
    snapshots: int
    faults: tuple[Fault, ...]

    @property
    def is_good(self) -> bool:
        """True when nothing is wrong."""
        return not self.faults


def verify(home: Path, *, known: Head | None = None) -> Verdict:
    """Check integrity, schema, chain, fold, snapshots and bodies of the ledger in `home`.

    `known` is a head that was kept elsewhere: only it can show that a ledger which is consistent in
    itself is shorter than it was, or another (DESIGN §6).
    Raises LedgerAbsent, and LedgerNewer or LedgerUnwritable when it cannot be read at all.
    """
    path = home / DATABASE_NAME
    if not path.exists():
        raise LedgerAbsent(home)
    connection = open_read_only(path.resolve())
    try:
        return _verdict(connection, known=known)
    finally:
        connection.close(True)


def _verdict(connection: apsw.Connection, *, known: Head | None) -> Verdict:
    faults: list[Fault] = []
    walk = _Walk(Head(0, ""))
    names = 0
    try:
        with faults_mapped():
            check_schema(connection)
            faults += _integrity(connection)
            meta = read_meta(connection)
            walk = _Walk(meta.start)
            faults += walk.faults(connection, meta, known=known)
            for name in body_names(connection):
                names += 1
                faults += _body(connection, name)
    except LedgerCorrupt as fault:  # so bad that the rest cannot be looked at
        faults.append(Fault(fault.seq, fault.what))
    return Verdict(
        head=walk.head,
        records=walk.head.seq,
        bodies=names,
        snapshots=walk.snapshots,
        faults=tuple(faults),
    )


@final
class _Walk:
    """The journal from the first record: chain, fold, and the snapshots met on the way."""

    def __init__(self, start: Head) -> None:
        self.head = start
        self.snapshots = 0

    def faults(
        self, connection: apsw.Connection, meta: Meta, *, known: Head | None
    ) -> Iterator[Fault]:
        wanted = set(snapshot_seqs(connection))  # first: a live engine goes on while we walk
        to = last_seq(connection)
        state = empty(meta.owner)
        try:
            for row in links(connection, after=self.head, to=to):
                record = record_of(row)
                self.head = Head(row.seq, row.hash.hex())
                state = apply(state, record, seq=row.seq)
                if known is not None and known.seq == row.seq and known.hash != self.head.hash:
                    yield Fault(row.seq, f"its hash was kept elsewhere as {known.hash}")
                for missing in _missing_bodies(connection, record):
                    yield Fault(row.seq, f"body {missing}, which it names, is not there")
                if row.seq in wanted:
                    self.snapshots += 1
                    if not _is_snapshot_true(connection, self.head, encode_state(state)):
                        yield Fault(row.seq, "the snapshot here is not what the journal folds to")
        except LedgerCorrupt as fault:
            yield Fault(fault.seq, fault.what)
            return
        if known is not None and known.seq > to:
            yield Fault(to + 1, f"the journal ends here; it once reached record {known.seq}")
        for seq in sorted(wanted):
            if seq > to:
                yield Fault(seq, "there is a snapshot of records that are not there")


def _is_snapshot_true(connection: apsw.Connection, head: Head, wanted: bytes) -> bool:
    if snapshot_bytes(connection, head) == wanted:
        return True
    return head.seq not in snapshot_seqs(connection)  # a live engine has replaced it since


def _missing_bodies(connection: apsw.Connection, record: Record) -> Iterator[str]:
    for name in bodies_named(record):
        if not has_body(connection, name):
            yield name


def _integrity(connection: apsw.Connection) -> Iterator[Fault]:
    question = f"PRAGMA integrity_check({_INTEGRITY_LINES_MAX})"
    for (line,) in ask(connection, question, (), tuple[str]):
        if line != "ok":
            yield Fault(0, line)


def _body(connection: apsw.Connection, name: str) -> Iterator[Fault]:
    try:
        body_content(connection, name)
    except LedgerCorrupt as fault:
        yield Fault(0, fault.what)
