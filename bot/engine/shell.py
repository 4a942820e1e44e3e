"""The trio shell: carries out what the core asks for, and decides nothing (DESIGN §1).

Everything that a commit releases comes back as an event, so that the core judges once more before
a byte leaves.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, assert_never, final

import trio

from bot.control.story import event_row, fill_row
from bot.control.view import EventRow, FillRow
from bot.core.effect import (
    Answer,
    Commit,
    Effect,
    Gather,
    ReadInstruments,
    Renew,
    Say,
    SendCancel,
    SendEdit,
    SendOrder,
    Stop,
    Watch,
)
from bot.core.event import (
    Answered,
    CommitFailed,
    Crashed,
    Event,
    InstrumentsRead,
    Reported,
    Tick,
)
from bot.core.outcome import Ambiguous, Outcome, Unsent
from bot.core.state import State
from bot.core.step import step
from bot.dispatch.dispatch import Dispatch
from bot.domain.ids import IntentId
from bot.domain.mode import Mode
from bot.engine.committer import Committer
from bot.engine.inbox import Inbox
from bot.engine.log import Log
from bot.reconcile.gather import gather
from bot.venue.read import ReadFailed, ReadPort
from bot.venue.session import Session
from ledger.recorded import Recorded

__all__ = ["ROWS_KEPT", "Ports", "Shell"]

ROWS_KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ports:
    """What the shell carries effects out with."""

    session: Session
    read: ReadPort
    dispatch: Dispatch
    committer: Committer


@final
class Shell:
    """One run's state, its inbox, and the hands that carry effects out."""

    def __init__(self, state: State, *, inbox: Inbox, log: Log) -> None:
        """Begin with the recovered state; `run` brings it to life."""
        self.state = state
        self.inbox = inbox
        self.fills: deque[FillRow] = deque(maxlen=ROWS_KEPT)
        self.events: deque[EventRow] = deque(maxlen=ROWS_KEPT)
        self.stopped = trio.Event()
        self.looks = 0  # the core's own beat: ticks that it has taken to their end [C-505]
        self.answers: dict[str, trio.Event] = {}
        self.answered: dict[str, Answer] = {}
        self._log = log
        self._seq = state.seq

    async def run(self, ports: Ports) -> None:
        """Take events for ever. A bug of the core ends the run as the gravest cause [C-606]."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ports.committer.run)
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
            ports.committer.core_knows(last_batch=before)
        if isinstance(event.what, Tick):
            self.looks += 1
        for effect in effects:
            self._carry(effect, event, ports, nursery)

    def _carry(self, effect: Effect, event: Event, ports: Ports, nursery: trio.Nursery) -> None:
        match effect:
            case Commit():
                self._tell(effect, event)
                ports.committer.put(effect, at_ms=event.now_ms, mono_ms=event.mono_ms)
            case SendOrder():
                order = partial(ports.dispatch.send, intent=effect.intent)
                nursery.start_soon(self._send, effect.intent_id, ports.committer, order)
            case SendEdit():
                edit = partial(ports.dispatch.edit, intent=effect.intent)
                nursery.start_soon(self._send, effect.intent_id, ports.committer, edit)
            case SendCancel():
                cancel = partial(
                    ports.dispatch.cancel, intent=effect.intent, currency=effect.currency
                )
                nursery.start_soon(self._send, effect.intent_id, ports.committer, cancel)
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

    async def _send(
        self,
        intent_id: IntentId,
        committer: Committer,
        write: Callable[[Recorded], Awaitable[Outcome]],
    ) -> None:
        """Spend an intent's permit on one write, and report what came of it."""
        permit = committer.permit(intent_id)
        if permit is None:
            self.inbox.put(Answered(intent_id, Unsent("the reserve file has no room for it")))
            return
        try:
            outcome = await write(permit)
        except Exception as error:  # noqa: BLE001  # whether a byte left is not known any more
            self.inbox.put(Answered(intent_id, Ambiguous(f"dispatch failed: {error!r}")))
            self.inbox.put(Crashed(where="dispatch", why=repr(error)))
            return
        self.inbox.put(Answered(intent_id, outcome))

    async def _gather(self, effect: Gather, port: ReadPort) -> None:
        self.inbox.put(await gather(port, effect))

    async def _read_instruments(self, effect: ReadInstruments, port: ReadPort) -> None:
        # What was said of locks before a connection is lost with it: the venue is asked anew.
        states = await port.status()
        if isinstance(states, ReadFailed):
            self._log.say("status_failed", at_ms=self.state.now_ms, why=states.why)
            return
        for state in states:
            self.inbox.put(Reported(report=state))
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
