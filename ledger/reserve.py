"""The reserve: where exits, cancels and facts go while the ledger cannot be written [C-212, C-213].

A commit here is durable before it returns, as in the journal, and makes the same permits. It takes
nothing that adds risk. What it holds is appended to the journal when the ledger is opened again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, final

from bot.core.durable import Durable
from bot.core.fold import apply
from bot.core.record import FillBooked, IntentRecorded, Record
from bot.domain.order import Role
from bot.intent.intent import CancelIntent, Owner
from ledger.chain import Head
from ledger.draft import Tip, checked
from ledger.entry import ENTRIES_MAX, Body, Entry, bodies_named
from ledger.errors import (
    AlreadyRecorded,
    LedgerCorrupt,
    LedgerUnwritable,
    NotForReserve,
    ReserveFull,
)
from ledger.frame import Frame, Kept, frame_bytes, frames_in, kept
from ledger.recorded import _ONLY_THE_LEDGER, Recorded
from ledger.reserve_file import FRAMES_START, ReserveFile

__all__ = ["Reserve", "Reserved"]

# Of the room, what only entries without bodies may take: cancels are always possible, and fills.
_KEPT_FOR_FACTS: Final = 8  # one part in so many


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """What is durable in the reserve now, and a permit for each intent of it.

    `head` counts the reserve's own commits, and so does `seq` of its permits: the journal's numbers
    are given when these entries are appended to it.
    """

    head: Head
    recorded: tuple[Recorded, ...]
    bytes_left: int


@final
class Reserve:
    """The reserve of an open ledger. One thread at a time may commit; each takes one barrier."""

    def __init__(
        self,
        file: ReserveFile,
        *,
        owner: Owner,
        tip: Callable[[], Tip],
        is_needed: Callable[[], bool],
    ) -> None:
        """Take over an open file; `tip` is the journal's last acknowledged state and head.

        `is_needed` says whether the journal has failed for good: before that, an intent could be
        recorded here and there, and have two permits [C-207].
        """
        self._file = file
        self._is_needed = is_needed
        self._owner = owner
        self._base = tip
        self._tip: Tip | None = None  # with what is here folded in; None while nothing is
        self._base_head = Head(0, "")
        self._number = 0
        self._prev = b""
        self._at = FRAMES_START
        self._refs: set[tuple[str, str]] = set()
        self._names: set[str] = set()
        self._poison: str | None = None

    @property
    def poison(self) -> str | None:
        """Why nothing can be written here either; None when sound."""
        return self._poison

    def fault(self) -> str | None:
        """Say why the file could not take a commit in need; None when it is whole. Touches disk."""
        if self._poison is not None:
            return self._poison
        return None if self._file.is_whole() else "the file is gone, or has been cut short"

    @property
    def bytes_left(self) -> int:
        """Room for more commits; an eighth of the file is for entries without bodies only."""
        return self._file.size - self._at

    @property
    def commits(self) -> int:
        """How many commits wait here for the journal."""
        return self._number

    def commit(self, entries: Sequence[Entry]) -> Reserved:
        """Make entries durable, all or none, and return only after the barrier.

        Raises NotForReserve for an order that opens; ReserveFull; AlreadyRecorded and ValueError as
        the journal does: then nothing was written. Raises LedgerUnwritable when the write failed:
        whether it is there is unknown, and nothing more is taken.
        """
        self._require_sound()
        if not self._is_needed():
            raise ValueError("the ledger can be written; the reserve is for when it cannot")
        if len(entries) > ENTRIES_MAX:
            raise ValueError(f"a commit had {len(entries)} entries, above {ENTRIES_MAX}")
        base = self._base()
        if self._tip is None:
            self._base_head, self._prev = base.head, bytes.fromhex(base.head.hash)
        drafted = _Drafted(self._tip or base, refs=set(self._refs), names=set(self._names))
        for entry in entries:
            drafted.add(entry, owner=self._owner, recorded=base.state)
        content, digest = frame_bytes(
            drafted.kept,
            number=self._number + 1,
            generation=bytes.fromhex(self._base_head.hash),
            prev=self._prev,
            base_seq=self._base_head.seq,
        )
        self._require_room(len(content), has_bodies=drafted.names != self._names)
        try:
            self._file.write(content, at=self._at)
        except BaseException as fault:
            self._poison = f"the reserve failed: {fault}"
            raise
        self._tip, self._refs, self._names = drafted.tip, drafted.refs, drafted.names
        self._number, self._prev, self._at = self._number + 1, digest, self._at + len(content)
        head = Head(self._number, digest.hex())
        # Permits are made here, after the barrier, as in the journal.
        permits = tuple(
            Recorded(
                _ONLY_THE_LEDGER,
                intent_id=record.intent_id,
                label=record.label,
                seq=head.seq,
                hash_=head.hash,
            )
            for record in drafted.intents
        )
        return Reserved(head=head, recorded=permits, bytes_left=self.bytes_left)

    def waiting(self) -> tuple[tuple[Frame, ...], bool]:
        """Return the commits found on disk, and whether there are remains of a torn one.

        Raises LedgerCorrupt when they do not belong together. A hole between them is left to the
        caller, who knows whether these were appended before and a crash cut their clearing short.
        """
        content = self._file.content()
        frames = frames_in(content, start=FRAMES_START)
        for before, frame in pairwise(frames):
            if frame.generation != before.generation:
                raise LedgerCorrupt(0, "the reserve file holds commits of two failures")
        at, is_torn = FRAMES_START, False
        for frame in frames:
            is_torn = is_torn or any(content[at : frame.start])
            at = frame.end
        is_torn = is_torn or any(content[at:])
        return frames, is_torn

    def clear(self) -> None:
        """Begin anew, once all that waited is durable in the journal. Raises LedgerUnwritable."""
        self._file.clear()
        self._tip, self._number, self._at = None, 0, FRAMES_START
        self._refs, self._names = set(), set()

    def close(self) -> None:
        """Let the file go; what is in it stays for the next opening."""
        self._poison = self._poison or "the ledger is closed"
        self._file.close()

    def _require_sound(self) -> None:
        if self._poison is not None:
            raise LedgerUnwritable(self._poison)
        if not self._file.is_in_place():
            self._poison = "the reserve file was taken away while open"
            raise LedgerUnwritable(self._poison)

    def _require_room(self, wanted: int, *, has_bodies: bool) -> None:
        room = self._file.size - self._at
        if has_bodies:
            room -= self._file.size // _KEPT_FOR_FACTS
        if wanted > room:
            raise ReserveFull(wanted=wanted, left=max(room, 0))


@final
class _Drafted:
    """One commit being checked; nothing of it counts before its barrier."""

    def __init__(self, tip: Tip, *, refs: set[tuple[str, str]], names: set[str]) -> None:
        self.tip = tip
        self.refs = refs
        self.names = names
        self.kept: list[Kept] = []
        self.intents: list[IntentRecorded] = []

    def add(self, entry: Entry, *, owner: Owner, recorded: Durable) -> None:
        record, _ = checked(entry, owner=owner)
        _require_no_risk(record)
        self._require_new(entry, record, recorded)
        bodies: list[Body] = []
        for body in entry.bodies:
            if body.hash not in self.names:
                self.names.add(body.hash)
                bodies.append(body)
        for name in bodies_named(record):
            if name not in self.names:
                raise ValueError(f"the body {name!r}, which a record names, is not there")
        seq = self.tip.head.seq + 1
        self.tip = Tip(apply(self.tip.state, record, seq=seq), Head(seq, self.tip.head.hash))
        self.kept.append(kept(entry, bodies=bodies))
        if isinstance(record, IntentRecorded):
            self.intents.append(record)

    def _require_new(self, entry: Entry, record: Record, recorded: Durable) -> None:
        match record:
            case IntentRecorded():
                kind, is_known = "intent", record.intent_id in {*recorded.orders, *recorded.closed}
            case FillBooked():
                kind, is_known = "fill", entry.ref in recorded.trades
            case _:
                return
        key = (kind, entry.ref or "")
        if is_known or key in self.refs:
            raise AlreadyRecorded(kind=kind, ref=key[1])
        self.refs.add(key)


def _require_no_risk(record: Record) -> None:
    if not isinstance(record, IntentRecorded) or isinstance(record.intent, CancelIntent):
        return
    if record.intent.role is Role.OPEN:
        raise NotForReserve(label=record.label)
