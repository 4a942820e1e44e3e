"""The ledger's writer on the world's disk: in place, with barriers that take their time."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import final

import trio

from ledger.entry import Entry
from ledger.errors import LedgerUnwritable
from ledger.inline import open_inline_writer
from ledger.ledger import Committed, Ledger
from ledger.writer import BARRIER_S, Writer

__all__ = ["open_world_writer"]


@asynccontextmanager
async def open_world_writer(
    ledger: Ledger, *, barrier_s: Callable[[], float]
) -> AsyncGenerator[Writer]:
    """Commit as production does; each barrier takes as long as `barrier_s` draws."""
    async with open_inline_writer(ledger) as inline:
        yield _SlowWriter(ledger, inline, barrier_s)


@final
class _SlowWriter:
    def __init__(self, ledger: Ledger, inline: Writer, barrier_s: Callable[[], float]) -> None:
        self._ledger, self._inline, self._barrier_s = ledger, inline, barrier_s

    async def commit(self, entries: Sequence[Entry]) -> Committed:
        late_s = self._barrier_s()
        if late_s > BARRIER_S:
            # It completes in the end, when nobody waits any more: as a thread's would.
            await trio.sleep(BARRIER_S)
            committed = await self._inline.commit(entries)
            self._ledger.poison_with(f"no barrier completed within {BARRIER_S} s")
            raise LedgerUnwritable(f"{len(committed.recorded)} intents: no barrier in time")
        if late_s:
            await trio.sleep(late_s)
        return await self._inline.commit(entries)
