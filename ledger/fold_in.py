"""Appending what the reserve file holds to the journal, once [C-212].

All of it goes into one transaction, together with a record that names the reserve's generation.
Only after that transaction's barrier is the file cleared: a crash anywhere in between finds either
the file whole and no such record, or the record, and then only the clearing is repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import apsw

from bot.core.record import Anomaly
from bot.domain.ids import RunId
from ledger.chain import Head
from ledger.draft import Draft, Tip
from ledger.entry import Entry
from ledger.errors import AlreadyRecorded, LedgerCorrupt
from ledger.frame import Frame, unkept
from ledger.journal import Meta, row_at, row_of
from ledger.reserve import Reserve

__all__ = ["FOLDED_CODE", "FoldedIn", "draft_of_reserve"]

FOLDED_CODE: Final = "RESERVE_FOLDED"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedIn:
    """What an opening found in the reserve file and did with it.

    `skipped` are fills and intents, as (kind, ref), that the journal held already: the commit that
    had failed was there after all. `is_torn` tells of remains of a commit that was never
    acknowledged, or whose end was damaged since.
    """

    commits: int
    appended: int
    skipped: tuple[tuple[str, str], ...]
    is_torn: bool


def draft_of_reserve(
    connection: apsw.Connection,
    reserve: Reserve,
    *,
    tip: Tip,
    meta: Meta,
    run_id: RunId,
    now_ms: int,
    is_shorter: bool,
) -> tuple[Draft, FoldedIn] | None:
    """Draft one transaction with everything that is not in the journal yet, and the record of it.

    None when nothing waits. `now_ms` is wall-clock time. `is_shorter` allows a journal without the
    record that the reserve goes on from: one that was restored from a copy.
    Raises LedgerCorrupt with the record that is missing, 0 for the reserve file itself.
    """
    frames, is_torn = reserve.waiting()
    draft = Draft(tip)
    if not frames or _was_folded(connection, frames):
        empty = FoldedIn(commits=0, appended=0, skipped=(), is_torn=is_torn)
        return (draft, empty) if frames or is_torn else None
    _require_whole(connection, frames, start=meta.start, is_shorter=is_shorter)
    skipped: list[tuple[str, str]] = []
    appended = 0
    for frame in frames:
        for one in frame.entries:
            try:
                draft.add([unkept(one)], connection=connection, owner=meta.owner)
                appended += 1
            except AlreadyRecorded as known:
                skipped.append((known.kind, known.ref))
            except ValueError as fault:
                raise LedgerCorrupt(
                    0, f"commit {frame.number} of the reserve file cannot be appended: {fault}"
                ) from fault
    detail = f"{appended} records appended, {len(skipped)} were there"
    mark = Entry(
        record=Anomaly(
            code=FOLDED_CODE,
            detail=f"{detail}, the last commit was torn" if is_torn else detail,
            at_ms=now_ms,
        ),
        run_id=run_id,
        at_venue_ms=now_ms,
        at_mono_ns=0,
        ref=_ref(frames[0]),
    )
    draft.add([mark], connection=connection, owner=meta.owner)
    return draft, FoldedIn(
        commits=len(frames), appended=appended, skipped=tuple(skipped), is_torn=is_torn
    )


def _was_folded(connection: apsw.Connection, frames: Sequence[Frame]) -> bool:
    """Say whether the journal names this generation: then it holds all of it already."""
    ref = _ref(frames[0])
    return row_of(connection, kind="anomaly", ref=ref) is not None


def _require_whole(
    connection: apsw.Connection, frames: Sequence[Frame], *, start: Head, is_shorter: bool
) -> None:
    """Check that the commits follow each other, and the journal's record that they go on from.

    `is_shorter` allows a journal without that record: one that was restored from a copy.
    Raises LedgerCorrupt with the record that is missing, 0 for the reserve file itself.
    """
    first = frames[0]
    before = first.generation
    for number, frame in enumerate(frames, 1):
        if frame.number != number or frame.prev != before:
            raise LedgerCorrupt(0, f"commit {number} of the reserve file is missing or damaged")
        before = frame.hash
    if first.base_seq == 0:
        found: bytes | None = bytes.fromhex(start.hash)
    else:
        row = row_at(connection, first.base_seq)
        found = None if row is None else row.hash
    if found != first.generation and not is_shorter:
        raise LedgerCorrupt(
            first.base_seq, "the reserve file goes on from it, and it is not what it was"
        )


def _ref(frame: Frame) -> str:
    return f"reserve:{frame.generation.hex()}"
