"""From rows to state: the newest fitting snapshot and every record after it, checked."""

from dataclasses import dataclass
from typing import final

import apsw
import msgspec

from bot.core.durable import Durable, empty
from bot.core.fold import apply
from bot.core.record import Record, decode, kind_of
from ledger.chain import Head, Row
from ledger.entry import check_entry
from ledger.errors import LedgerCorrupt, LedgerNewer
from ledger.journal import Meta, last_seq, links
from ledger.snapshot import newest_snapshot

__all__ = ["Folded", "fold", "fold_from_zero", "record_of"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The state at a head. `from_seq` says which snapshot it began from, 0 for none."""

    state: Durable
    head: Head
    from_seq: int


def fold(connection: apsw.Connection, meta: Meta) -> Folded:
    """Fold the newest fitting snapshot and the tail [C-203, C-210].

    Raises LedgerCorrupt with the first record that is not what was written, and LedgerNewer.
    """
    snapshot = newest_snapshot(connection)
    to = last_seq(connection)  # after the snapshot: a live engine goes on in between
    if snapshot is None:
        return fold_from_zero(connection, meta, to=to)
    head, state = snapshot
    if state.owner != meta.owner:
        raise LedgerCorrupt(head.seq, "its snapshot belongs to another ledger")
    return _folded(connection, state, head, to=to)


def fold_from_zero(connection: apsw.Connection, meta: Meta, *, to: int) -> Folded:
    """Fold records 1 to `to`, believing no snapshot."""
    return _folded(connection, empty(meta.owner), meta.start, to=to)


def record_of(row: Row) -> Record:
    """Read a row's record and check that the row's own columns tell the same.

    Raises LedgerCorrupt, or LedgerNewer for a kind or form that this version does not know: the
    chain has proven the bytes, so what we cannot read, a newer version wrote.
    """
    try:
        record = decode(row.body)
    except msgspec.MsgspecError as fault:
        raise LedgerNewer(was=f"record {row.seq} of kind {row.kind}", known=str(fault)) from fault
    if kind_of(record) != row.kind:
        raise LedgerCorrupt(row.seq, f"the kind was {row.kind}, the record is {kind_of(record)}")
    try:
        check_entry(record, intent_id=row.intent_id, ref=row.ref)
    except ValueError as fault:
        raise LedgerCorrupt(row.seq, str(fault)) from fault
    return record


def _folded(connection: apsw.Connection, state: Durable, head: Head, *, to: int) -> Folded:
    from_seq = head.seq
    for row in links(connection, after=head, to=to):
        state = apply(state, record_of(row), seq=row.seq)
        head = Head(row.seq, row.hash.hex())
    return Folded(state=state, head=head, from_seq=from_seq)
