"""The trio shell: carries out what the core asks for, and decides nothing (DESIGN §1).

Commits go through one task in the order in which the core made them; everything they release comes
back as an event, so that the core judges once more before a byte leaves.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, assert_never, final

import trio

from bot.control.story import event_row, fill_row
from bot.control.view import EventRow, FillRow
from bot.core.durable import trade_key
from bot.core.effect import (
    Answer,
    Commit,
    Effect,
    Gather,
    ReadInstruments,
    Renew,
    Say,
    SendCancel,
    SendOrder,
    Stop,
    Watch,
)
from bot.core.effect import Entry as Made
from bot.core.event import (
    Answered,
    CommitFailed,
    Committed,
    Crashed,
    Event,
    InstrumentsRead,
    ReserveFailed,
)
from bot.core.outcome import Ambiguous
from bot.core.record import FillBooked, IntentRecorded
from bot.core.state import State
from bot.core.step import step
from bot.dispatch.dispatch import Dispatch
from bot.domain.ids import IntentId, RunId
from bot.domain.mode import Mode
from bot.engine.inbox import Inbox
from bot.engine.log import Log
from bot.reconcile.gather import gather
from bot.venue.read import ReadFailed, ReadPort
from bot.venue.session import Session
from ledger.entry import Body, Entry
from ledger.errors import LedgerError
from ledger.recorded import Recorded
from ledger.reserve import Reserved
from ledger.writer import Writer

__all__ = ["ROWS_KEPT", "Ports", "Shell"]

ROWS_KEPT: Final = 1_000
_COMMITS_WAITING: Final = 1_024
_GROUP_ENTRIES: Final = 200  # the ledger takes 256 in one call


@dataclass(frozen=True, slots=True)
class Ports:
    """What the shell carries effects out with."""

    session: Session
    read: ReadPort
    dispatch: Dispatch
    writer: Writer
    reserve: Callable[[Sequence[Entry]], Reserved]
    poison: Callable[[str], None]  # no more commits: what the ledger holds is not what was meant


@final
class Shell:
    """One run's state, its inbox, and the hands that carry effects out."""

    def __init__(self, state: State, *, inbox: Inbox, log: Log, run_id: RunId) -> None:
        """Begin with the recovered state; `run` brings it to life."""
        self.state = state
        self.inbox = inbox
        self.fills: deque[FillRow] = deque(maxlen=ROWS_KEPT)
        self.events: deque[EventRow] = deque(maxlen=ROWS_KEPT)
        self.stopped = trio.Event()
        self.answers: dict[str, trio.Event] = {}
        self.answered: dict[str, Answer] = {}
        self._log = log
        self._run_id = run_id
        self._permits: dict[IntentId, Recorded] = {}
        self._seq = state.seq
        self._is_ledger_lost = False
        self._knew_from: int | None = None  # the last batch made before the core knew of it
        self._to_commit, self._commits = trio.open_memory_channel[Commit](_COMMITS_WAITING)

    async def run(self, ports: Ports) -> None:
        """Take events for ever. A bug of the core ends the run as the gravest cause [C-606]."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._commit_in_order, ports)
            while True:
                event = await self.inbox.get()
                self._take(event, ports, nursery)

    def why_not_open(self) -> str | None:
        """Say why an open must not leave at this very moment; None when it may [C-007]."""
        state = self.state
        if state.durable.mode is not Mode.ACTIVE:
            return f"the mode is {state.durable.mode.value}"
        if not state.proofs.is_open or state.stopping is not None:
            return "opens are shut"
        return None

    def _take(self, event: Event, ports: Ports, nursery: trio.Nursery) -> None:
        before = self.state.batch
        try:
            self.state, effects = step(self.state, event)
        except Exception as error:  # outermost: a bug in the core is a KILL
            if isinstance(event.what, Crashed):
                raise
            where = f"core at {type(event.what).__name__}"
            self._log.say("crash", at_ms=event.now_ms, where=where, error=repr(error))
            self.inbox.put(Crashed(where=where, why=repr(error)))
            return
        if isinstance(event.what, CommitFailed):
            self._knew_from = before
        for effect in effects:
            self._carry(effect, event, ports, nursery)

    def _carry(self, effect: Effect, event: Event, ports: Ports, nursery: trio.Nursery) -> None:
        match effect:
            case Commit():
                self._tell(effect, event)
                self._to_commit.send_nowait(effect)
            case SendOrder():
                nursery.start_soon(self._send_order, effect, ports.dispatch)
            case SendCancel():
                nursery.start_soon(self._send_cancel, effect, ports.dispatch)
            case Gather():
                nursery.start_soon(self._gather, effect, ports.read)
            case ReadInstruments():
                nursery.start_soon(self._read_instruments, effect, ports.read)
            case Watch():
                nursery.start_soon(ports.session.want, effect.channels)
            case Renew():
                nursery.start_soon(ports.session.renew, effect.channels)
            case Answer():
                self._answer(effect)
            case Say():
                self._log.say(effect.event, at_ms=event.now_ms, **effect.facts)
            case Stop():
                self.stopped.set()
            case _:
                assert_never(effect)

    def _tell(self, commit: Commit, event: Event) -> None:
        """Keep the newest records as rows for the watchers."""
        for entry in commit.entries:
            self._seq += 1
            self.events.append(event_row(entry.record, seq=self._seq, at_ms=event.now_ms))
            fill = fill_row(entry.record, seq=self._seq)
            if fill is not None:
                self.fills.append(fill)

    async def _commit_in_order(self, ports: Ports) -> None:
        async for first in self._commits:
            batches = [first]
            size = len(first.entries)
            # Once the ledger is lost each batch goes by itself: it was made before the core knew
            # of that, or after.
            while size < _GROUP_ENTRIES and not self._is_ledger_lost:
                try:
                    batches.append(self._commits.receive_nowait())
                except trio.WouldBlock:
                    break
                size += len(batches[-1].entries)
            await self._commit(ports, batches)

    async def _commit(self, ports: Ports, batches: Sequence[Commit]) -> None:
        if self._is_ledger_lost:
            await self._reserve(ports, batches, self._rows(batches))
            return
        permits: list[Recorded] = []
        rows = self._rows(batches)
        while rows:
            # One happening can mean more records than one transaction takes: the first reading of
            # an old account's trades, say. Nothing is released before the last part is durable.
            part, rest = rows[:_GROUP_ENTRIES], rows[_GROUP_ENTRIES:]
            try:
                committed = await ports.writer.commit(part)
            except (LedgerError, ValueError) as error:
                await self._lose_ledger(ports, batches, rows, f"{type(error).__name__}: {error}")
                return
            permits += committed.recorded
            rows = rest
            if not rest and committed.head.seq != batches[-1].last_seq:
                # The ledger and the core count differently: one holds another story [C-203].
                why = f"the ledger is at {committed.head.seq}, the core at {batches[-1].last_seq}"
                await self._lose_ledger(ports, batches, rows, why)
                return
        self._release(permits, batches)

    async def _lose_ledger(
        self, ports: Ports, batches: Sequence[Commit], unwritten: Sequence[Entry], why: str
    ) -> None:
        """From here on the reserve file takes the records [C-212]."""
        self._is_ledger_lost = True
        ports.poison(why)
        self.inbox.put(CommitFailed(why=why))
        await self._reserve(ports, batches, unwritten)

    async def _reserve(
        self, ports: Ports, batches: Sequence[Commit], rows: Sequence[Entry]
    ) -> None:
        """Write to the reserve: of what the core made before it knew of the failure only facts.

        Those intents may stand in the ledger or not, and are never sent: the core decides anew.
        """
        knew = self._knew_from
        if knew is None or batches[0].batch <= knew:
            rows = [row for row in rows if not isinstance(row.record, IntentRecorded)]
        permits: list[Recorded] = []
        for start in range(0, len(rows), _GROUP_ENTRIES):
            part = rows[start : start + _GROUP_ENTRIES]
            try:
                reserved = await trio.to_thread.run_sync(ports.reserve, part)
            except LedgerError as error:
                self.inbox.put(ReserveFailed(why=f"{type(error).__name__}: {error}"))
                return
            except ValueError as error:
                self.inbox.put(Crashed(where="reserve", why=str(error)))
                return
            permits += reserved.recorded
        self._release(permits, batches)

    def _release(self, permits: Sequence[Recorded], batches: Sequence[Commit]) -> None:
        for recorded in permits:
            self._permits[recorded.intent_id] = recorded
        for batch in batches:
            self.inbox.put(Committed(batch=batch.batch))

    def _rows(self, batches: Sequence[Commit]) -> list[Entry]:
        at_ms, mono_ns = self.state.now_ms, self.state.mono_ms * 1_000_000
        return [
            self._row(made, at_ms=at_ms, mono_ns=mono_ns)
            for batch in batches
            for made in batch.entries
        ]

    def _row(self, made: Made, *, at_ms: int, mono_ns: int) -> Entry:
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
            at_mono_ns=mono_ns,
            intent_id=intent_id,
            ref=ref,
            bodies=tuple(Body(hash=body.hash, content=body.content) for body in made.bodies),
        )

    async def _send_order(self, effect: SendOrder, dispatch: Dispatch) -> None:
        permit = self._permits.pop(effect.intent_id)
        try:
            outcome = await dispatch.send(permit, effect.intent)
        except Exception as error:  # noqa: BLE001  # whether a byte left is not known any more
            self.inbox.put(Answered(effect.intent_id, Ambiguous(f"dispatch failed: {error!r}")))
            self.inbox.put(Crashed(where="dispatch", why=repr(error)))
            return
        self.inbox.put(Answered(effect.intent_id, outcome))

    async def _send_cancel(self, effect: SendCancel, dispatch: Dispatch) -> None:
        permit = self._permits.pop(effect.intent_id)
        try:
            outcome = await dispatch.cancel(permit, effect.intent, currency=effect.currency)
        except Exception as error:  # noqa: BLE001  # a cancel may be asked for again
            self.inbox.put(Answered(effect.intent_id, Ambiguous(f"dispatch failed: {error!r}")))
            self.inbox.put(Crashed(where="dispatch", why=repr(error)))
            return
        self.inbox.put(Answered(effect.intent_id, outcome))

    async def _gather(self, effect: Gather, port: ReadPort) -> None:
        self.inbox.put(await gather(port, effect))

    async def _read_instruments(self, effect: ReadInstruments, port: ReadPort) -> None:
        answer = await port.instruments(effect.currency)
        if isinstance(answer, ReadFailed):
            self._log.say("instruments_failed", at_ms=self.state.now_ms, why=answer.why)
            return
        self.inbox.put(InstrumentsRead(currency=effect.currency, instruments=answer))

    def _answer(self, answer: Answer) -> None:
        waiting = self.answers.get(answer.request_id)
        if waiting is not None:
            self.answered[answer.request_id] = answer
            waiting.set()
