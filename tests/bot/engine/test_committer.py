"""Ledger and core count the same records, or nothing more is believed [C-203, C-212]."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
import trio
import trio.testing

from bot.core.effect import Commit
from bot.core.effect import Entry as Made
from bot.core.event import CommitFailed, Committed, LockLost
from bot.core.record import Anomaly
from bot.domain.ids import RunId
from bot.engine.clock import LocalClock, VenueClock
from bot.engine.committer import Committer, Disk
from bot.engine.inbox import Inbox
from ledger import ledger
from ledger.chain import Head
from ledger.entry import Entry
from ledger.errors import LedgerUnwritable
from ledger.reserve import Reserved

T = TypeVar("T")


class Counting:
    """A writer whose ledger stands at a number of its own."""

    def __init__(self, seq: int) -> None:
        """Begin at a record."""
        self.seq = seq

    async def commit(self, entries: Sequence[Entry]) -> ledger.Committed:
        """Count on."""
        await trio.lowlevel.checkpoint()
        self.seq += len(entries)
        return ledger.Committed(head=Head(self.seq, "00"), recorded=())


class Refusing:
    """A writer that finds the lock gone."""

    async def commit(self, _entries: Sequence[Entry]) -> ledger.Committed:
        """Refuse."""
        await trio.lowlevel.checkpoint()
        raise LedgerUnwritable("the lock or the file was taken away while open")


async def in_place(act: object, /) -> Reserved:
    """Take everything into a reserve that is never looked at."""
    await trio.lowlevel.checkpoint()
    return Reserved(head=Head(1, "00"), recorded=(), bytes_left=1)


async def carried_out(act: Callable[[], T], /) -> T:
    """Do it at once."""
    await trio.lowlevel.checkpoint()
    return act()


@pytest.mark.trio
@pytest.mark.rule("C-203", "C-212")
@pytest.mark.parametrize(("ledger_seq", "is_lost"), [(7, False), (6, True), (8, True)])
async def test_a_ledger_that_counts_differently_is_given_up(
    ledger_seq: int, *, is_lost: bool
) -> None:
    inbox = Inbox(venue=VenueClock(LocalClock(speed=1.0)))
    poisoned: list[str] = []
    disk = Disk(
        writer=Counting(ledger_seq),
        reserve=lambda _rows: Reserved(head=Head(1, "00"), recorded=(), bytes_left=1),
        in_thread=in_place,  # type: ignore[arg-type]  # one answer for every act
        poison=poisoned.append,
        still_alone=lambda: True,
    )
    committer = Committer(disk, inbox=inbox, run_id=RunId("run-1"))
    note = Made(record=Anomaly(code="NOTE", detail="", at_ms=1), bodies=())
    committer.put(Commit(batch=1, last_seq=8, entries=(note,)), at_ms=1, mono_ms=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(committer.run)
        with trio.fail_after(5):
            first = (await inbox.get()).what
        nursery.cancel_scope.cancel()
    assert bool(poisoned) is is_lost
    assert isinstance(first, CommitFailed) if is_lost else first == Committed(batch=1)


@pytest.mark.trio
@pytest.mark.rule("C-202")
async def test_without_the_lock_neither_ledger_nor_reserve_takes_anything() -> None:
    inbox = Inbox(venue=VenueClock(LocalClock(speed=1.0)))
    kept: list[Sequence[Entry]] = []

    def reserve(rows: Sequence[Entry]) -> Reserved:
        kept.append(rows)
        return Reserved(head=Head(1, "00"), recorded=(), bytes_left=1)

    disk = Disk(
        writer=Refusing(),
        reserve=reserve,
        in_thread=carried_out,
        poison=lambda _why: None,
        still_alone=lambda: False,
    )
    committer = Committer(disk, inbox=inbox, run_id=RunId("run-1"))
    note = Made(record=Anomaly(code="NOTE", detail="", at_ms=1), bodies=())
    for batch in (1, 2):
        committer.put(Commit(batch=batch, last_seq=batch, entries=(note,)), at_ms=1, mono_ms=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(committer.run)
        with trio.fail_after(5):
            told = (await inbox.get()).what
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert told == LockLost("the ledger's lock was taken away")
    assert kept == []
