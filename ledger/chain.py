"""The hash chain over the journal [C-203].

Each row's hash is SHA-256 over every other column, the previous row's hash among them. The first
row hangs on the ledger's identity, so that no journal can be carried over to another ledger.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, NamedTuple, final

from bot.intent.intent import Owner
from ledger.errors import LedgerCorrupt

__all__ = ["Head", "Row", "check_link", "framed", "genesis", "link"]

_NOTHING: Final = b"-"


@final
@dataclass(frozen=True, slots=True)
class Head:
    """The newest record: its number and hash (lower-case hex). An empty journal has number 0.

    Whoever keeps it elsewhere can tell later that a ledger is shorter than it was.
    """

    seq: int
    hash: str


class Row(NamedTuple):
    """One row of the journal, column by column, in the table's order."""

    seq: int
    kind: str
    run_id: str
    intent_id: str | None
    ref: str | None
    at_venue_ms: int
    at_mono_ns: int
    body: bytes
    prev_hash: bytes
    hash: bytes


def framed(*fields: str | int | bytes | None) -> bytes:
    """Write fields so that no two different tuples give the same bytes.

    Each is a type letter, its length in bytes as decimal digits, a colon, and the bytes.
    """
    return b"".join(_field(field) for field in fields)


def _field(field: str | int | bytes | None) -> bytes:
    match field:
        case None:
            return _NOTHING
        case str():
            letter, content = b"t", field.encode()
        case int():
            letter, content = b"i", str(field).encode()
        case bytes():
            letter, content = b"b", field
    return letter + str(len(content)).encode() + b":" + content


def genesis(owner: Owner, *, created_ms: int) -> bytes:
    """Return what the first record's `prev_hash` is."""
    fields = (owner.environment.value, owner.account, owner.ledger, created_ms)
    return hashlib.sha256(framed("bot.ledger/1", *fields)).digest()


def link(
    *,
    seq: int,
    kind: str,
    run_id: str,
    intent_id: str | None,
    ref: str | None,
    at_venue_ms: int,
    at_mono_ns: int,
    body: bytes,
    prev_hash: bytes,
) -> Row:
    """Make the row that follows `prev_hash`."""
    fields = (prev_hash, seq, kind, run_id, intent_id, ref, at_venue_ms, at_mono_ns, body)
    return Row(
        seq=seq,
        kind=kind,
        run_id=run_id,
        intent_id=intent_id,
        ref=ref,
        at_venue_ms=at_venue_ms,
        at_mono_ns=at_mono_ns,
        body=body,
        prev_hash=prev_hash,
        hash=hashlib.sha256(framed(*fields)).digest(),
    )


def check_link(row: Row, *, after: Head) -> Head:
    """Check that a row follows this head and is what its hash says; return the new head.

    Raises LedgerCorrupt with the number of the first record that cannot be right.
    """
    if row.seq != after.seq + 1:
        raise LedgerCorrupt(after.seq + 1, f"the record is missing; the next one is {row.seq}")
    if row.prev_hash.hex() != after.hash:
        raise LedgerCorrupt(row.seq, "it does not follow the record before it")
    again = link(
        seq=row.seq,
        kind=row.kind,
        run_id=row.run_id,
        intent_id=row.intent_id,
        ref=row.ref,
        at_venue_ms=row.at_venue_ms,
        at_mono_ns=row.at_mono_ns,
        body=row.body,
        prev_hash=row.prev_hash,
    )
    if again.hash != row.hash:
        raise LedgerCorrupt(row.seq, "its content is not what its hash says")
    return Head(row.seq, row.hash.hex())
