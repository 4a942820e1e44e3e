"""Folded state kept beside the journal, so that opening reads the tail only.

A snapshot proves nothing by itself: it counts only while its hash fits the journal's own hash at
its number, and `verify` folds from zero to see that it tells the truth. See ADR 0002.
"""

import hashlib
import zlib
from typing import Final

import apsw
import msgspec

from bot.core.durable import Durable, decode_state, encode_state
from ledger.chain import Head, framed
from ledger.connection import ask
from ledger.journal import row_at

__all__ = [
    "FOLD_VERSION",
    "SNAPSHOTS_KEPT",
    "drop_snapshots",
    "newest_snapshot",
    "snapshot_bytes",
    "snapshot_seqs",
    "write_snapshot",
]

SNAPSHOTS_KEPT: Final = 2  # the second is there for a damaged first
STATE_BYTES_MAX: Final = 64 * 1024 * 1024
# A fold that reads the same records differently makes old snapshots wrong. Raise this with it.
FOLD_VERSION: Final = 4


def write_snapshot(connection: apsw.Connection, state: Durable, *, head: Head) -> None:
    """Keep the state at this head and forget all but the newest SNAPSHOTS_KEPT.

    In the caller's transaction. Writing one twice at the same head changes nothing.
    """
    content = encode_state(state)
    if len(content) > STATE_BYTES_MAX:
        raise ValueError(f"the state was {len(content)} bytes, above {STATE_BYTES_MAX}")
    connection.execute(
        "INSERT OR REPLACE INTO snapshot (seq, hash, body) VALUES (?, ?, ?)",
        (head.seq, _hash(head, content), zlib.compress(content, 1)),
    )
    connection.execute(
        "DELETE FROM snapshot"
        " WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT ?)",
        (SNAPSHOTS_KEPT,),
    )


def drop_snapshots(connection: apsw.Connection) -> None:
    """Forget all of them; the journal alone then says what the state is."""
    connection.execute("DELETE FROM snapshot")


def newest_snapshot(connection: apsw.Connection) -> tuple[Head, Durable] | None:
    """Return the newest one that fits the journal and this version, with its head.

    One that does not fit is passed over: it costs time, never truth.
    """
    for seq in snapshot_seqs(connection):
        row = row_at(connection, seq)
        if row is None:
            continue
        head = Head(seq, row.hash.hex())
        content = snapshot_bytes(connection, head)
        if content is None:
            continue
        try:
            return head, decode_state(content)
        except msgspec.MsgspecError:
            continue
    return None


def snapshot_seqs(connection: apsw.Connection) -> tuple[int, ...]:
    """Return the record numbers at which there are snapshots, newest first."""
    found = ask(connection, "SELECT seq FROM snapshot ORDER BY seq DESC", (), tuple[int])
    return tuple(seq for (seq,) in found)


def snapshot_bytes(connection: apsw.Connection, head: Head) -> bytes | None:
    """Return the plain bytes of the snapshot at this head; None when it does not fit or is none."""
    question = "SELECT hash, body FROM snapshot WHERE seq = ?"
    for kept_hash, packed in ask(connection, question, (head.seq,), tuple[bytes, bytes]):
        try:
            content = zlib.decompressobj().decompress(packed, STATE_BYTES_MAX)
        except zlib.error:
            return None
        return content if _hash(head, content) == kept_hash else None
    return None


def _hash(head: Head, content: bytes) -> bytes:
    fields = ("bot.snapshot/1", FOLD_VERSION, head.seq, head.hash, content)
    return hashlib.sha256(framed(*fields)).digest()
