"""Group commit for trio: one long-lived thread, so that a barrier never stalls the loop.

Everything that waits goes into one transaction: 32 intents cost about two barriers' time, not 32
(DEPENDENCIES §2.2.3). A thread of our own with a queue took half the time of trio's thread pool and
gives the connection one owner (§2.2.6). Under virtual time threads are not deterministic: there the
same interface commits in place, see `ledger.inline`.
"""

import queue
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Protocol, final

import trio

from ledger.entry import Entry
from ledger.errors import LedgerUnwritable
from ledger.ledger import Committed, Ledger
from ledger.upkeep import upkeep

__all__ = ["BARRIER_S", "WAITING_MAX", "Writer", "open_writer"]

WAITING_MAX: Final = 256  # callers; the next one waits for its turn before it is taken in
GROUP_MAX: Final = 64  # callers whose entries share a transaction
IDLE_S: Final = 0.05  # nothing came for this long: time for upkeep
BARRIER_S: Final = 5  # beyond it a commit's fate is unknown


class Writer(Protocol):
    """The seam: how entries become durable."""

    async def commit(self, entries: Sequence[Entry]) -> Committed:
        """Return once all entries are durable, see `Ledger.commit` for what it raises.

        Cancelled before they are taken in: nothing is written. Once taken in the answer is waited
        for, shielded, for BARRIER_S at most: nobody is left not knowing what became of a commit.
        """
        ...


@asynccontextmanager
async def open_writer(ledger: Ledger) -> AsyncIterator[Writer]:
    """Run the writer thread for the time of the block; the ledger stays the caller's to close.

    Leaving the block, also by cancellation, first commits what was taken in.
    """
    writer = _ThreadWriter(ledger, token=trio.lowlevel.current_trio_token())
    writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


@final
@dataclass(slots=True, eq=False)
class _Waiter:
    entries: Sequence[Entry]
    answered: trio.Event = field(default_factory=trio.Event)
    outcome: Committed | Exception | None = None


@final
class _ThreadWriter:
    def __init__(self, ledger: Ledger, *, token: trio.lowlevel.TrioToken) -> None:
        self._ledger = ledger
        self._token = token
        self._room = trio.Semaphore(WAITING_MAX)
        self._queue: queue.Queue[_Waiter | None] = queue.Queue(WAITING_MAX + 1)  # and the end
        self._ended = trio.Event()
        self._is_stopping = False
        # A daemon, since a disk that never answers must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="ledger writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def commit(self, entries: Sequence[Entry]) -> Committed:
        async with self._room:
            if self._is_stopping:
                raise LedgerUnwritable("the writer has ended")
            waiter = _Waiter(tuple(entries))
            self._queue.put_nowait(waiter)
            # Shielded: this is the ledger's barrier.
            with trio.move_on_after(BARRIER_S, shield=True):
                await waiter.answered.wait()
        match waiter.outcome:
            case None:
                self._ledger.poison_with(f"no barrier completed within {BARRIER_S} s")
                raise LedgerUnwritable(f"no barrier completed within {BARRIER_S} s")
            case Committed() as committed:
                return committed
            case Exception() as refused:
                raise refused

    async def stop(self) -> None:
        self._is_stopping = True
        self._queue.put_nowait(None)
        with trio.move_on_after(BARRIER_S, shield=True):
            await self._ended.wait()
            self._thread.join()
            return
        self._ledger.poison_with(f"the writer did not end within {BARRIER_S} s")

    def _run(self) -> None:
        group: list[_Waiter] = []
        try:
            while group := self._next_group():
                outcomes = self._ledger.commit_groups([waiter.entries for waiter in group])
                answered, group = group, []
                self._answer(answered, outcomes)
                upkeep(self._ledger, is_idle=False)
        except Exception as fault:  # noqa: BLE001  # the thread's outermost loop: poisons, and tells all
            self._ledger.poison_with(f"the writer ended: {type(fault).__name__}: {fault}")
            self._refuse_all(group)
        finally:
            self._tell(self._ended.set)

    def _next_group(self) -> list[_Waiter]:
        """Wait for something, take all that waits; empty at the end."""
        try:
            waiter = self._queue.get(timeout=IDLE_S)
        except queue.Empty:
            upkeep(self._ledger, is_idle=True)
            waiter = self._queue.get()
        group: list[_Waiter] = []
        while waiter is not None:
            group.append(waiter)
            if len(group) == GROUP_MAX or self._queue.empty():
                return group
            waiter = self._queue.get_nowait()  # this thread alone takes out
        if group:
            self._queue.put_nowait(None)  # the end comes after these
        return group

    def _refuse_all(self, group: list[_Waiter]) -> None:
        """Answer everybody, now and later, until the block ends."""
        why = self._ledger.poison or "the writer ended"
        while True:
            self._answer(group, tuple(LedgerUnwritable(why) for _ in group))
            waiter = self._queue.get()
            if waiter is None:
                return
            group = [waiter]

    def _answer(self, group: Sequence[_Waiter], outcomes: Sequence[Committed | Exception]) -> None:
        for waiter, outcome in zip(group, outcomes, strict=True):
            waiter.outcome = outcome
        answered = [waiter.answered for waiter in group]
        self._tell(lambda: [event.set() for event in answered])

    def _tell(self, news: Callable[[], object]) -> None:
        with suppress(trio.RunFinishedError):  # then nobody is left to be told
            self._token.run_sync_soon(news)
