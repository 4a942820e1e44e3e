"""Entries on their way into one transaction, and the state as it will be after it.

Nothing here writes. Whatever can be refused is refused here, while that is still harmless: a record
that does not survive its own encoding, one that is in the journal already, one that the fold chokes
on. What is folded is what recovery will read, not what was handed in.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Final, final

import apsw

from bot.core.durable import Durable
from bot.core.fold import apply
from bot.core.record import IntentRecorded, Record, decode, encode, kind_of
from bot.intent.intent import Owner
from ledger.chain import Head, Row, link
from ledger.entry import ENTRIES_MAX, RECORD_BYTES_MAX, Body, Entry, bodies_named
from ledger.errors import AlreadyRecorded
from ledger.journal import has_body, row_of

__all__ = ["Draft", "Drafted", "Tip", "checked"]

_ONCE: Final = frozenset({"fill", "intent"})  # the schema's journal_once index says the same


@final
@dataclass(frozen=True, slots=True)
class Tip:
    """State and head in one value: who reads it from another thread sees a pair that fits."""

    state: Durable
    head: Head


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """One caller's entries within the draft: the head after them and the intents among them."""

    head: Head
    intents: tuple[tuple[IntentRecorded, Row], ...]


@final
@dataclass(slots=True)
class Draft:
    """What one transaction will write."""

    tip: Tip
    rows: list[Row] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    refs: set[tuple[str, str]] = field(default_factory=set)

    def add(
        self, entries: Sequence[Entry], *, connection: apsw.Connection, owner: Owner
    ) -> Drafted:
        """Add all entries, or raise AlreadyRecorded or ValueError and add none."""
        if len(entries) > ENTRIES_MAX:
            raise ValueError(f"a commit had {len(entries)} entries, above {ENTRIES_MAX}")
        tip = self.tip
        rows: list[Row] = []
        refs: set[tuple[str, str]] = set()
        intents: list[tuple[IntentRecorded, Row]] = []
        at_hand = {body.hash for body in self.bodies}
        for entry in entries:
            record, content = checked(entry, owner=owner)
            row = _row(entry, content, after=tip.head)
            if row.kind in _ONCE and row.ref is not None:
                key = (row.kind, row.ref)
                if key in refs | self.refs or row_of(connection, kind=row.kind, ref=row.ref):
                    raise AlreadyRecorded(kind=row.kind, ref=row.ref)
                refs.add(key)
            at_hand |= {body.hash for body in entry.bodies}
            _require_bodies(record, connection, at_hand=at_hand)
            if isinstance(record, IntentRecorded):
                intents.append((record, row))
            rows.append(row)
            tip = Tip(apply(tip.state, record, seq=row.seq), Head(row.seq, row.hash.hex()))
        self.tip = tip
        self.rows += rows
        self.refs |= refs
        self.bodies += (body for entry in entries for body in entry.bodies)
        return Drafted(head=tip.head, intents=tuple(intents))


def _require_bodies(record: Record, connection: apsw.Connection, *, at_hand: Set[str]) -> None:
    for name in bodies_named(record):
        if name not in at_hand and not has_body(connection, name):
            raise ValueError(f"the body {name!r}, which a record names, is not there")


def checked(entry: Entry, *, owner: Owner) -> tuple[Record, bytes]:
    """Return the record as recovery will read it, and its bytes.

    Raises ValueError for one that does not survive its own encoding, is too big, or is another
    ledger's.
    """
    record, content = entry.record, encode(entry.record)
    if isinstance(record, IntentRecorded) and record.intent.owner != owner:
        raise ValueError(f"the intent belongs to {record.intent.owner}, this ledger to {owner}")
    if len(content) > RECORD_BYTES_MAX:
        raise ValueError(f"a record was {len(content)} bytes, above {RECORD_BYTES_MAX}")
    recovered = decode(content)
    if recovered != record:
        raise ValueError(f"a {kind_of(record)} record does not survive its own encoding")
    return recovered, content


def _row(entry: Entry, content: bytes, *, after: Head) -> Row:
    return link(
        seq=after.seq + 1,
        kind=kind_of(entry.record),
        run_id=entry.run_id,
        intent_id=entry.intent_id,
        ref=entry.ref,
        at_venue_ms=entry.at_venue_ms,
        at_mono_ns=entry.at_mono_ns,
        body=content,
        prev_hash=bytes.fromhex(after.hash),
    )
