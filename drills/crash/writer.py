"""The writer's seam: the real writer, with spots before and after each commit."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, final

from bot.core.life import LifeEvent
from bot.core.record import FillBooked, IntentRecorded, Moved, ProofMade, Record
from drills.crash.phase import Phase
from drills.crash.trap import Trap
from ledger.entry import Entry
from ledger.ledger import Committed, Ledger
from ledger.writer import Writer, open_writer

__all__ = ["trapped_writer"]

_ANSWERS: Final = frozenset(
    {LifeEvent.ACK, LifeEvent.OPEN, LifeEvent.PARTIAL, LifeEvent.FILLED, LifeEvent.REJECT}
)


def trapped_writer(trap: Trap, phase: Phase, ledger: Ledger) -> AbstractAsyncContextManager[Writer]:
    """Open the real writer behind the trap."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Writer]:
        phase.live()
        async with open_writer(ledger) as writer:
            yield _Writer(writer, trap=trap, phase=phase)

    return opened()


@final
class _Writer:
    def __init__(self, writer: Writer, *, trap: Trap, phase: Phase) -> None:
        self._writer, self._trap, self._phase = writer, trap, phase

    async def commit(self, entries: Sequence[Entry]) -> Committed:
        kinds = _kinds(entries)
        if self._phase.is_stopping:
            kinds.append("down")
        for kind in kinds:
            self._trap.passing(f"{kind}.enter")
        self._phase.is_intent_under_way = "intent" in kinds
        committed = await self._writer.commit(entries)
        self._phase.is_intent_under_way = False
        for kind in kinds:
            self._trap.passing(f"{kind}.done")
        return committed


def _kinds(entries: Sequence[Entry]) -> list[str]:
    found = {_kind(entry.record): None for entry in entries}
    return [kind for kind in found if kind is not None]


def _kind(record: Record) -> str | None:
    match record:
        case IntentRecorded():
            return "intent"
        case FillBooked():
            return "fill"
        case ProofMade():
            return "proof"
        case Moved(event=event) if event in _ANSWERS:
            return "ack"
        case _:  # the other records are no named point
            return None
