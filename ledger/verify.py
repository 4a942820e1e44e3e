"""Full verification: everything that the ledger claims, checked from the first record on.

Works on a live ledger too, as a reader. It goes on after a fault where that makes sense, so that
one run names all that is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, final

import apsw

from bot.core.durable import empty, encode_state
from bot.core.fold import apply
from bot.core.record import Record
from ledger.chain import Head
from ledger.connection import DATABASE_NAME, ask, faults_mapped, open_read_only
from ledger.entry import bodies_named
from ledger.errors import LedgerAbsent, LedgerCorrupt
from ledger.fold import record_of
from ledger.journal import (
    Meta,
    body_content,
    body_names,
    has_body,
    last_seq,
    links,
    read_meta,
    row_at,
)
from ledger.progress import Progress, unwatched
from ledger.reserve_file import read_frames
from ledger.schema import check_schema
from ledger.snapshot import snapshot_bytes, snapshot_seqs

__all__ = ["Fault", "Verdict", "verify", "verify_file"]

PROGRESS_RECORDS: Final = 1_000
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
    waiting: int = 0  # records in the reserve file, which the next opening appends

    @property
    def is_good(self) -> bool:
        """True when nothing is wrong."""
        return not self.faults


def verify(
    home: Path,
    *,
    known: Head | None = None,
    from_seq: int = 1,
    with_fold: bool = True,
    with_bodies: bool = True,
    progress: Progress = unwatched,
) -> Verdict:
    """Check integrity, schema, chain, fold, snapshots and bodies of the ledger in `home`.

    `known` is a head that was kept elsewhere: only it can show that a ledger which is consistent in
    itself is shorter than it was, or another (DESIGN §6). What waits in the reserve file is a head
    kept elsewhere too. Above 1, `from_seq` believes the record before it, and leaves fold and
    snapshots aside. Without the fold they are left aside too: another version may have made them.
    Without bodies, only their presence is checked.
    Raises LedgerAbsent, and LedgerNewer or LedgerUnwritable when it cannot be read at all.
    """
    path = home / DATABASE_NAME
    if not path.exists():
        raise LedgerAbsent(home)
    try:
        frames = read_frames(home)
    except LedgerCorrupt as fault:
        return _only(Fault(0, fault.what))
    if frames and known is None:
        known = Head(frames[0].base_seq, frames[0].generation.hex())
    verdict = verify_file(
        path,
        known=known,
        from_seq=from_seq,
        with_fold=with_fold,
        with_bodies=with_bodies,
        progress=progress,
    )
    return replace(verdict, waiting=sum(len(frame.entries) for frame in frames))


def verify_file(
    path: Path,
    *,
    known: Head | None = None,
    from_seq: int = 1,
    with_fold: bool = True,
    with_bodies: bool = True,
    progress: Progress = unwatched,
) -> Verdict:
    """Check one ledger file, also an older schema's or a copy without a home; see `verify`."""
    if not path.exists():
        raise LedgerAbsent(path.parent)
    connection = open_read_only(path.resolve())
    try:
        look = _Look(
            known=known,
            from_seq=from_seq,
            with_fold=with_fold and from_seq <= 1,
            with_bodies=with_bodies,
            progress=progress,
        )
        return _verdict(connection, look)
    finally:
        connection.close(True)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    known: Head | None
    from_seq: int
    with_fold: bool
    with_bodies: bool
    progress: Progress


def _only(fault: Fault) -> Verdict:
    return Verdict(head=Head(0, ""), records=0, bodies=0, snapshots=0, faults=(fault,))


def _verdict(connection: apsw.Connection, look: _Look) -> Verdict:
    faults: list[Fault] = []
    walk = _Walk(Head(0, ""), look)
    names = 0
    try:
        with faults_mapped():
            check_schema(connection, takes_older=True)
            faults += _integrity(connection)
            meta = read_meta(connection)
            walk = _Walk(_start(connection, meta, look.from_seq), look)
            faults += walk.faults(connection, meta)
            for name in body_names(connection):
                names += 1
                if look.with_bodies:
                    faults += _body(connection, name)
    except LedgerCorrupt as fault:  # so bad that the rest cannot be looked at
        faults.append(Fault(fault.seq, fault.what))
    return Verdict(
        head=walk.head,
        records=walk.records,
        bodies=names,
        snapshots=walk.snapshots,
        faults=tuple(faults),
    )


def _start(connection: apsw.Connection, meta: Meta, from_seq: int) -> Head:
    if from_seq <= 1:
        return meta.start
    row = row_at(connection, from_seq - 1)
    if row is None:
        raise LedgerCorrupt(from_seq - 1, "the record is missing; there is none to begin after")
    return Head(row.seq, row.hash.hex())


@final
class _Walk:
    """The journal from a head on: chain, fold, and the snapshots met on the way."""

    def __init__(self, start: Head, look: _Look) -> None:
        self.head = start
        self.records = 0
        self.snapshots = 0
        self._look = look
        self._is_folding = look.with_fold

    def faults(self, connection: apsw.Connection, meta: Meta) -> Iterator[Fault]:
        # First: a live engine goes on while we walk.
        wanted = set(snapshot_seqs(connection)) if self._is_folding else set()
        to, known = last_seq(connection), self._look.known
        state = empty(meta.owner)
        try:
            for row in links(connection, after=self.head, to=max(to, self.head.seq)):
                record = record_of(row)
                self.head = Head(row.seq, row.hash.hex())
                self._count(row.seq, to)
                if known is not None and known.seq == row.seq and known.hash != self.head.hash:
                    yield Fault(row.seq, f"its hash was kept elsewhere as {known.hash}")
                for missing in _missing_bodies(connection, record):
                    yield Fault(row.seq, f"body {missing}, which it names, is not there")
                if self._is_folding:
                    state = apply(state, record, seq=row.seq)
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

    def _count(self, seq: int, to: int) -> None:
        self.records += 1
        if self.records % PROGRESS_RECORDS == 0 or seq == to:
            self._look.progress(seq, to)


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
