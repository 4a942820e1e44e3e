"""Making the core's records durable, in the order in which it made them [C-201, C-203, C-212].

One task: what waits together is committed together. When the ledger fails the reserve file takes
over, and the core is told; permits come from here and go to whoever sends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar, final

import trio

from bot.core.durable import trade_key
from bot.core.effect import Commit
from bot.core.effect import Entry as Made
from bot.core.event import CommitFailed, Committed, Crashed, LockLost, ReserveFailed
from bot.core.record import FillBooked, IntentRecorded
from bot.domain.ids import IntentId, RunId
from bot.engine.inbox import Inbox
from ledger.entry import Body, Entry
from ledger.errors import AlreadyRecorded, LedgerError, ReserveFull
from ledger.recorded import Recorded
from ledger.reserve import Reserved
from ledger.writer import Writer

__all__ = ["WAITING_MAX", "Blocking", "Committer", "Disk"]

T = TypeVar("T")

WAITING_MAX: Final = 8_192
_RESERVE_S: Final = 5.0  # a disk that hangs for longer takes nothing any more
_GROUP_ENTRIES: Final = 200  # the ledger takes 256 in one call
_LOCK_LOST: Final = "the ledger's lock was taken away"


class Blocking(Protocol):
    """The seam: carry out what blocks without holding up the loop; left behind when cancelled."""

    async def __call__(self, act: Callable[[], T], /) -> T:
        """Return what `act` returns, raise what it raises."""
        ...


@dataclass(frozen=True, slots=True)
class Disk:
    """What records are made durable with."""

    writer: Writer
    reserve: Callable[[Sequence[Entry]], Reserved]
    in_thread: Blocking  # what the reserve's barrier is waited for in
    poison: Callable[[str], None]  # no more commits: what the ledger holds is not what was meant
    still_alone: Callable[[], bool]  # the lock is ours, and with it ledger and reserve [C-202]


@final
class Committer:
    """Takes batches, and hands out the permit of each intent that has become durable."""

    def __init__(self, disk: Disk, *, inbox: Inbox, run_id: RunId) -> None:
        """Take the disk; outcomes go to the inbox."""
        self._disk = disk
        self._inbox = inbox
        self._run_id = run_id
        self._permits: dict[IntentId, Recorded] = {}
        self._is_ledger_lost = False
        self.high = 0  # the most that has ever waited, in batches
        self._high_since = 0
        self._knew_from: int | None = None  # the last batch made before the core knew of it
        self._send, self._waiting = trio.open_memory_channel[tuple[Commit, int, int]](WAITING_MAX)

    def put(self, commit: Commit, *, at_ms: int, mono_ms: int) -> None:
        """Take a batch in, without waiting; its rows carry the moment at which it was made."""
        self._send.send_nowait((commit, at_ms, mono_ms))
        waiting = self._send.statistics().current_buffer_used
        self._high_since = max(self._high_since, waiting)
        self.high = max(self.high, waiting)

    def take_high(self) -> int:
        """Return how many batches have waited at most since the last call."""
        high, self._high_since = self._high_since, self._send.statistics().current_buffer_used
        return high

    def core_knows(self, *, last_batch: int) -> None:
        """Take note that the core has learnt of the failure; it had made this batch before."""
        self._knew_from = last_batch

    def check_lock(self) -> bool:
        """Say whether the lock is ours; once it is not nothing is written, and the core is told.

        Asked again and again, because an engine that rests would else learn of it too late.
        """
        if self._disk.still_alone():
            return True
        self._is_ledger_lost = True
        self._disk.poison(_LOCK_LOST)
        self._inbox.put(LockLost(why=_LOCK_LOST))
        return False

    def permit(self, intent_id: IntentId) -> Recorded | None:
        """Give the permit of a durable intent away: there is one, and it is given once.

        None for an intent that found no room in the reserve file.
        """
        return self._permits.pop(intent_id, None)

    async def run(self) -> None:
        """Commit for ever."""
        async for first in self._waiting:
            batches = [first]
            size = len(first[0].entries)
            # Once the ledger is lost each batch goes by itself: it was made before the core knew
            # of that, or after.
            while size < _GROUP_ENTRIES and not self._is_ledger_lost:
                try:
                    batches.append(self._waiting.receive_nowait())
                except trio.WouldBlock:
                    break
                size += len(batches[-1][0].entries)
            commits = [commit for commit, _, _ in batches]
            rows = [
                self._row(made, at_ms=at_ms, mono_ms=mono_ms)
                for commit, at_ms, mono_ms in batches
                for made in commit.entries
            ]
            if self._is_ledger_lost:
                await self._reserve(commits, rows)
            else:
                await self._commit(commits, rows)

    async def _commit(self, batches: Sequence[Commit], rows: Sequence[Entry]) -> None:
        permits: list[Recorded] = []
        while rows:
            # One happening can mean more records than one transaction takes: the first reading of
            # an old account's trades, say. Nothing is released before the last part is durable.
            part, rest = rows[:_GROUP_ENTRIES], rows[_GROUP_ENTRIES:]
            try:
                committed = await self._disk.writer.commit(part)
            except (LedgerError, ValueError) as error:
                await self._lose_ledger(batches, rows, f"{type(error).__name__}: {error}")
                return
            permits += committed.recorded
            if not rest and committed.head.seq != batches[-1].last_seq:
                # The ledger and the core count differently: one holds another story [C-203].
                why = f"the ledger is at {committed.head.seq}, the core at {batches[-1].last_seq}"
                await self._lose_ledger(batches, (), why)
                return
            rows = rest
        self._release(permits, batches)

    async def _lose_ledger(
        self, batches: Sequence[Commit], unwritten: Sequence[Entry], why: str
    ) -> None:
        """From here on the reserve file takes the records."""
        self._is_ledger_lost = True
        self._disk.poison(why)
        if self._disk.still_alone():
            self._inbox.put(CommitFailed(why=why))
        await self._reserve(batches, unwritten)

    async def _reserve(self, batches: Sequence[Commit], rows: Sequence[Entry]) -> None:
        """Write to the reserve: of what the core made before it knew of the failure only facts.

        Those intents may stand in the ledger or not, and are never sent: the core decides anew.
        """
        if not self.check_lock():
            return  # the reserve may be another engine's by now
        knew = self._knew_from
        if knew is None or batches[0].batch <= knew:
            rows = [row for row in rows if not isinstance(row.record, IntentRecorded)]
        permits: list[Recorded] = []
        for start in range(0, len(rows), _GROUP_ENTRIES):
            reserved = await self._keep(rows[start : start + _GROUP_ENTRIES])
            if reserved is None:
                return
            permits += reserved
        self._release(permits, batches)

    async def _keep(self, rows: Sequence[Entry]) -> Sequence[Recorded] | None:
        """Write one part to the reserve; None when that is over, and the core has been told."""
        while rows:
            with trio.move_on_after(_RESERVE_S):
                try:
                    reserved = await self._disk.in_thread(partial(self._disk.reserve, rows))
                except AlreadyRecorded as known:
                    # The ledger's last commit did complete, after it was given up.
                    rows = [row for row in rows if row.ref != known.ref]
                    continue
                except ReserveFull as full:
                    if not any(row.bodies for row in rows):
                        self._inbox.put(ReserveFailed(why=str(full)))
                        return None
                    # Exits bring large bodies: without room for these, cancels and facts go on.
                    rows = [row for row in rows if not row.bodies]
                    continue
                except LedgerError as error:
                    self._inbox.put(ReserveFailed(why=f"{type(error).__name__}: {error}"))
                    return None
                except ValueError as error:
                    self._inbox.put(Crashed(where="reserve", why=str(error)))
                    return None
                return reserved.recorded
            self._inbox.put(ReserveFailed(why=f"the reserve did not answer within {_RESERVE_S} s"))
            return None
        return ()

    def _release(self, permits: Sequence[Recorded], batches: Sequence[Commit]) -> None:
        self._permits.update((recorded.intent_id, recorded) for recorded in permits)
        for batch in batches:
            self._inbox.put(Committed(batch=batch.batch))

    def _row(self, made: Made, *, at_ms: int, mono_ms: int) -> Entry:
        record = made.record
        intent_id, ref = None, None
        if isinstance(record, IntentRecorded):
            intent_id, ref = record.intent_id, str(record.label)
        elif isinstance(record, FillBooked):
            intent_id, ref = record.intent_id, trade_key(record.fill)
        else:
            intent_id = getattr(record, "intent_id", None)
        return Entry(
            record=record,
            run_id=self._run_id,
            at_venue_ms=at_ms,
            at_mono_ns=mono_ms * 1_000_000,
            intent_id=intent_id,
            ref=ref,
            bodies=tuple(Body(hash=body.hash, content=body.content) for body in made.bodies),
        )
