"""The open ledger: state, head, and the one way to add to both [C-201, C-203, C-212].

A commit is one transaction and one barrier. Any failure from its first write on poisons the ledger:
a failed commit is unknown, not undone, since its rows can be there at the next opening
(DEPENDENCIES §2.2.9). So nothing is retried; whoever wants to know closes, opens again and looks.
Just above 300 lines: all of it guards one invariant, that state and head are what is durable.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, final

import apsw

from bot.core.durable import Durable
from bot.domain.ids import RunId
from bot.intent.intent import Owner
from ledger.chain import Head
from ledger.connection import faults_mapped
from ledger.draft import Draft, Drafted, Tip
from ledger.entry import Entry
from ledger.errors import LedgerCorrupt, LedgerUnwritable
from ledger.fold import Folded
from ledger.fold_in import FoldedIn, draft_of_reserve
from ledger.journal import Meta, append
from ledger.lock import Lock
from ledger.recorded import _ONLY_THE_LEDGER, Recorded
from ledger.reserve import Reserve
from ledger.reserve_file import ReserveFile
from ledger.snapshot import write_snapshot

__all__ = ["Committed", "Ledger"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What is durable now: the head after these entries, and a permit for each intent of them."""

    head: Head
    recorded: tuple[Recorded, ...]


@final
class Ledger:
    """A ledger that this process owns, made by `open_ledger`.

    One thread at a time may write; `state`, `head`, `poison`, `still_held` answer any thread.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        *,
        path: Path,
        meta: Meta,
        folded: Folded,
        lock: Lock,
        reserve: ReserveFile,
    ) -> None:
        """Take over an open connection, what it folds to, the lock and the reserve file."""
        self._connection = connection
        self._path = path
        self._meta = meta
        self._lock = lock
        self._file = _identity(path)
        self._tip = Tip(folded.state, folded.head)
        self._snapshot_seq = folded.from_seq
        self._wal_pages = 0
        self._stuck_pages = 0
        self._poison: str | None = None
        self._is_closed = False
        self._folded_in: FoldedIn | None = None
        self.reserve: Final = Reserve(
            reserve,
            owner=meta.owner,
            tip=lambda: self._tip,
            is_needed=lambda: self._poison is not None and not self._is_closed,
        )
        connection.set_wal_hook(self._on_wal)

    @property
    def owner(self) -> Owner:
        """Whose ledger this is, its id included."""
        return self._meta.owner

    @property
    def state(self) -> Durable:
        """What the journal folds to. Raises LedgerUnwritable once that is unknown [C-212]."""
        self._require_sound()
        return self._tip.state

    @property
    def head(self) -> Head:
        """The newest durable record. Raises LedgerUnwritable once that is unknown [C-212]."""
        self._require_sound()
        return self._tip.head

    @property
    def poison(self) -> str | None:
        """Why nothing can be written any more until the ledger is opened again; None when sound."""
        return self._poison

    @property
    def wal_pages(self) -> int:
        """Pages in the write-ahead log: a metric, and what a checkpoint is due by."""
        return self._wal_pages

    @property
    def stuck_pages(self) -> int:
        """How large the log was when a reader last kept a checkpoint from emptying it, else 0."""
        return self._stuck_pages

    @property
    def snapshot_seq(self) -> int:
        """The record that the newest snapshot stands at, 0 for none."""
        return self._snapshot_seq

    @property
    def folded_in(self) -> FoldedIn | None:
        """What this opening found in the reserve file; None when it was empty."""
        return self._folded_in

    def still_held(self) -> bool:
        """Say whether lock and file are still ours: to be asked before an open is sent [C-202]."""
        return self._lock.still_held() and _identity(self._path) == self._file is not None

    def still_alone(self) -> bool:
        """Say whether no other engine can be at work here: enough for an exit or a cancel.

        True also when the ledger's file is gone [C-212]; false once the lock is lost [C-202].
        """
        return self._lock.still_held()

    def poison_with(self, why: str) -> None:
        """Stop all writing for good: the writer has lost sight of a commit."""
        self._poison = self._poison or why

    def commit(self, entries: Sequence[Entry]) -> Committed:
        """Make entries durable, all or none, and return only after the barrier.

        Raises AlreadyRecorded or ValueError when they cannot be written as they are: then nothing
        was. Raises LedgerUnwritable on any failure after that, and poisons the ledger.
        """
        (outcome,) = self.commit_groups((entries,))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def commit_groups(self, groups: Sequence[Sequence[Entry]]) -> tuple[Committed | Exception, ...]:
        """Commit several callers' entries with one barrier; one outcome for each, in order.

        A group that cannot be written as it is costs the others nothing. Raises LedgerUnwritable.
        """
        self._require_sound()
        if not self.still_held():
            self.poison_with("the lock or the file was taken away while open")
            self._require_sound()
        draft = Draft(self._tip)
        with self._guarded("commit"):
            drafted = tuple(self._drafted(draft, entries) for entries in groups)
            self._write(draft)
        self._tip = draft.tip
        # Permits are made here, after the barrier, and nowhere else.
        return tuple(
            outcome if isinstance(outcome, Exception) else _committed(outcome)
            for outcome in drafted
        )

    def fold_in(self, *, run_id: RunId, now_ms: int, is_shorter: bool) -> None:
        """Append what waits in the reserve to the journal, then clear it [C-212].

        `open_ledger` does it; `is_shorter` is for a journal restored from a copy. Raises
        LedgerUnwritable or LedgerCorrupt: then the reserve is as it was.
        """
        drafted = draft_of_reserve(
            self._connection,
            self.reserve,
            tip=self._tip,
            meta=self._meta,
            run_id=run_id,
            now_ms=now_ms,
            is_shorter=is_shorter,
        )
        if drafted is None:
            return
        draft, folded_in = drafted
        with self._guarded("fold of the reserve"):
            self._write(draft)
        self._tip, self._folded_in = draft.tip, folded_in
        self.reserve.clear()

    def take_snapshot(self) -> None:
        """Keep the state, so that the next opening starts here. Raises LedgerUnwritable."""
        self._require_sound()
        tip = self._tip
        if self._snapshot_seq == tip.head.seq:
            return
        with self._guarded("snapshot"):
            self._connection.execute("BEGIN IMMEDIATE")
            write_snapshot(self._connection, tip.state, head=tip.head)
            self._connection.execute("COMMIT")
        self._snapshot_seq = tip.head.seq

    def checkpoint(self, *, truncate: bool) -> None:
        """Move the write-ahead log into the main file; a reader in the way is no error.

        Raises LedgerUnwritable: a checkpoint whose barrier failed is never believed or repeated.
        """
        mode = apsw.SQLITE_CHECKPOINT_TRUNCATE if truncate else apsw.SQLITE_CHECKPOINT_PASSIVE
        with self._guarded("checkpoint"):
            try:
                pages, moved = self._connection.wal_checkpoint(mode=mode)
            except apsw.BusyError:
                self._stuck_pages = self._wal_pages
                return
        self._wal_pages = pages - moved
        self._stuck_pages = 0

    def close(self) -> None:
        """Snapshot, checkpoint, close, let the lock go. A poisoned ledger is only closed.

        Raises LedgerUnwritable; the second time does nothing.
        """
        if self._is_closed:
            return
        self._is_closed = True
        try:
            if self._poison is None and self.still_held():
                self.take_snapshot()
                self.checkpoint(truncate=True)
        finally:
            self.poison_with("the ledger is closed")
            # Fails while a writer thread is stuck in a barrier: then the lock is kept until the
            # process ends, so that nobody opens beside a write that may yet complete.
            with faults_mapped():
                self._connection.close(True)
            self.reserve.close()
            self._lock.release()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _write(self, draft: Draft) -> None:
        if not draft.rows:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        append(self._connection, draft.rows, contents=draft.bodies)
        self._connection.execute("COMMIT")

    def _drafted(self, draft: Draft, entries: Sequence[Entry]) -> Drafted | Exception:
        try:
            return draft.add(entries, connection=self._connection, owner=self.owner)
        except (apsw.Error, LedgerCorrupt):
            raise  # the look for a second booking could not be made: that is the ledger's fault
        except Exception as refused:  # noqa: BLE001  # raised to the caller whose entries these are
            return refused

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        self._require_sound()
        try:
            yield
        except BaseException as fault:
            self.poison_with(f"a {what} failed: {type(fault).__name__}: {fault}")
            if isinstance(fault, Exception):
                raise LedgerUnwritable(self._poison or "") from fault
            raise

    def _require_sound(self) -> None:
        if self._poison is not None:
            raise LedgerUnwritable(self._poison)

    def _on_wal(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK


def _committed(drafted: Drafted) -> Committed:
    permits = tuple(
        Recorded(
            _ONLY_THE_LEDGER,
            intent_id=record.intent_id,
            label=record.label,
            seq=row.seq,
            hash_=row.hash.hex(),
        )
        for record, row in drafted.intents
    )
    return Committed(head=drafted.head, recorded=permits)


def _identity(path: Path) -> tuple[int, int] | None:
    # stat, never open: closing a second handle would drop SQLite's own locks on the file.
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
