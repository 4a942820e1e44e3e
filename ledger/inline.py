"""The writer without a thread: for virtual time, where a thread's turns are nobody's to order."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import final

import trio

from ledger.entry import Entry
from ledger.ledger import Committed, Ledger
from ledger.upkeep import upkeep
from ledger.writer import Writer

__all__ = ["open_inline_writer"]


@asynccontextmanager
async def open_inline_writer(ledger: Ledger) -> AsyncIterator[Writer]:
    """Commit in place, with the interface and the guarantees of `open_writer`.

    The loop stands still for each barrier, and no two callers share one.
    """
    yield _InlineWriter(ledger)


@final
class _InlineWriter:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def commit(self, entries: Sequence[Entry]) -> Committed:
        await trio.lowlevel.checkpoint_if_cancelled()
        committed = self._ledger.commit(entries)
        upkeep(self._ledger, is_idle=True)  # nobody waits while the loop stands still
        # Others get their turn, as with the thread; what is durable is told even to the cancelled.
        await trio.lowlevel.cancel_shielded_checkpoint()
        return committed
