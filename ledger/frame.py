"""The form of one reserve commit on disk: a frame that proves itself [C-212].

A frame begins at a sector of its own, so that writing the next one never touches bytes that were
acknowledged. It carries its number, the commit before it, and the *generation* it belongs to: the
hash of the journal's newest record when the reserve was first needed. Frames of one generation are
appended to the journal together and once.
"""

import hashlib
import struct
import zlib
from collections.abc import Sequence
from typing import Final, final

import msgspec

from bot.core.record import decode, encode
from bot.domain.ids import IntentId, RunId
from ledger.chain import framed
from ledger.entry import BODY_BYTES_MAX, Body, Entry
from ledger.errors import LedgerCorrupt, LedgerNewer

__all__ = ["SECTOR_BYTES", "Frame", "Kept", "frame_bytes", "frames_in", "kept", "unkept"]

SECTOR_BYTES: Final = 512
_MAGIC: Final = b"botRSRV1"
_HEAD: Final = struct.Struct(">8sII32s32s32s")  # magic, number, length, generation, prev, hash


@final
class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry as the reserve keeps it; bodies are packed, by the hash of their content."""

    record: bytes
    run_id: str
    at_venue_ms: int
    at_mono_ns: int
    intent_id: str | None
    ref: str | None
    bodies: tuple[tuple[str, bytes], ...]


class _Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    base_seq: int
    entries: tuple[Kept, ...]


@final
class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One commit, read back and proven. Hashes are raw bytes; `number` counts from 1.

    `generation` is the hash of the journal's record `base_seq`, which this goes on from.
    """

    number: int
    generation: bytes
    prev: bytes
    hash: bytes
    base_seq: int
    entries: tuple[Kept, ...]
    start: int
    end: int


def kept(entry: Entry, *, bodies: Sequence[Body]) -> Kept:
    """Write an entry down, with those of its bodies that are not in the reserve yet."""
    return Kept(
        record=encode(entry.record),
        run_id=entry.run_id,
        at_venue_ms=entry.at_venue_ms,
        at_mono_ns=entry.at_mono_ns,
        intent_id=entry.intent_id,
        ref=entry.ref,
        bodies=tuple((body.hash, zlib.compress(body.content, 6)) for body in bodies),
    )


def unkept(entry: Kept) -> Entry:
    """Read an entry back. Raises LedgerNewer for a record this version does not know.

    Raises LedgerCorrupt when row, record and bodies do not tell one story.
    """
    try:
        record = decode(entry.record)
    except msgspec.MsgspecError as fault:
        raise LedgerNewer(was="a record in the reserve file", known=str(fault)) from fault
    try:
        return Entry(
            record=record,
            run_id=RunId(entry.run_id),
            at_venue_ms=entry.at_venue_ms,
            at_mono_ns=entry.at_mono_ns,
            intent_id=None if entry.intent_id is None else IntentId(entry.intent_id),
            ref=entry.ref,
            bodies=tuple(Body(name, _unpacked(packed)) for name, packed in entry.bodies),
        )
    except (ValueError, zlib.error) as fault:
        raise LedgerCorrupt(0, f"the reserve file holds an entry that is not one: {fault}") from (
            fault
        )


def frame_bytes(
    entries: Sequence[Kept], *, number: int, generation: bytes, prev: bytes, base_seq: int
) -> tuple[bytes, bytes]:
    """Return a commit's bytes, padded to whole sectors, and its hash."""
    payload = msgspec.msgpack.encode(_Payload(base_seq=base_seq, entries=tuple(entries)))
    digest = _hash(number, generation, prev, payload)
    content = _HEAD.pack(_MAGIC, number, len(payload), generation, prev, digest) + payload
    return content + bytes(-len(content) % SECTOR_BYTES), digest


def frames_in(content: bytes, *, start: int) -> tuple[Frame, ...]:
    """Find every frame that proves itself, wherever it begins, in the order of the file.

    What was torn by a crash is passed over here; whether anything may be missing is for who reads.
    """
    found: list[Frame] = []
    at = start
    while at + _HEAD.size <= len(content):
        frame = _frame_at(content, at)
        if frame is None:
            at += SECTOR_BYTES
            continue
        found.append(frame)
        at = frame.end
    return tuple(found)


def _frame_at(content: bytes, at: int) -> Frame | None:
    magic, number, length, generation, prev, digest = _HEAD.unpack_from(content, at)
    begin = at + _HEAD.size
    if magic != _MAGIC or begin + length > len(content):
        return None
    payload = content[begin : begin + length]
    if _hash(number, generation, prev, payload) != digest:
        return None
    try:
        read = msgspec.msgpack.decode(payload, type=_Payload)
    except msgspec.MsgspecError as fault:
        raise LedgerNewer(was="a frame of the reserve file", known=str(fault)) from fault
    end = begin + length
    return Frame(
        number=number,
        generation=generation,
        prev=prev,
        hash=digest,
        base_seq=read.base_seq,
        entries=read.entries,
        start=at,
        end=end + -end % SECTOR_BYTES,
    )


def _hash(number: int, generation: bytes, prev: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(framed("bot.reserve.frame/1", number, generation, prev, payload)).digest()


def _unpacked(packed: bytes) -> bytes:
    return zlib.decompressobj().decompress(packed, BODY_BYTES_MAX + 1)
