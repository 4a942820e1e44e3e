"""The engine as its watchers and operators know it: the last view, and acts that end durable."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, assert_never, final

import msgspec
import trio

from bot.control import faults
from bot.control.errors import ErrorBody, Exit, UserError
from bot.control.exits import flatten_plan
from bot.control.flatten import FlattenPlan
from bot.control.port import Act, Acted, Classify, Down, Flatten, OwnUp, Rearm, ReconRun, SetMode
from bot.control.publish import publish
from bot.control.story import event_row
from bot.control.view import EventRow, Health, View
from bot.core.event import (
    Crashed,
    Happening,
    OperatorClassify,
    OperatorDown,
    OperatorFlatten,
    OperatorMode,
    OperatorRearm,
    OperatorRecon,
    WatchdogActed,
    WatchdogBeat,
)
from bot.core.memory import RaisedCause
from bot.domain.reason import Reason
from bot.engine.log import Log
from bot.engine.shell import Shell
from ledger.read import open_reader

__all__ = ["EnginePort", "refusal_of"]

_ANSWER_S: Final = 30.0
_DOWN_S: Final = 60.0


@final
class EnginePort:
    """Implements `bot.control.port.Engine` over a running shell."""

    def __init__(self, shell: Shell, *, log: Log, home: Path) -> None:
        """Publish a first view at once: watchers never find nothing."""
        self._shell = shell
        self._log = log
        self._home = home
        self._view = publish(shell.state, fills=(), events=())
        self._plan: FlattenPlan | None = None
        # One read of the ledger at a time, by a limit of its own: however many watchers ask, no
        # thread that an exit waits for is taken from it [C-704].
        self._reads = trio.CapacityLimiter(1)

    def refresh(self) -> None:
        """Publish the state of this moment."""
        shell = self._shell
        self._view = publish(shell.state, fills=tuple(shell.fills), events=tuple(shell.events))
        self._plan = None

    def view(self) -> View:
        """Return the last published view."""
        return self._view

    def flatten_plan(self) -> FlattenPlan:
        """Return what a flatten would send, and change nothing.

        Made at most once a published view: judging every exit takes milliseconds, and a flood of
        questions must not hold up an order. What `flatten go` is bound to the core makes anew.
        """
        if self._plan is None:
            self._plan = flatten_plan(self._shell.state)
        return self._plan

    def health(self) -> Health:
        """Return the health of the last view, with the core's beat of this moment."""
        return msgspec.structs.replace(self._view.health, beat=self._shell.looks)

    def heed(self, *, at_mono_ms: int) -> None:
        """Let the core know that the watchdog looked."""
        self._shell.inbox.put(WatchdogBeat(at_mono_ms=at_mono_ms))

    async def act(self, act: Act, /) -> Acted:
        """Carry out an act; return once it is durable."""
        if self._shell.state.stopping is not None and not isinstance(act, OwnUp | SetMode):
            raise UserError(
                "STOPPING",
                exit=Exit.NO_ENGINE,
                what="The engine is stopping. Nothing was changed.",
                why="It finishes what is open, and takes no new acts but tightening ones.",
                next="Wait a moment, then: bot status",
            )
        if isinstance(act, Rearm):
            self._require_unchanged(act)
        request_id = act.request_id
        done = trio.Event()
        self._shell.answers[request_id] = done
        try:
            causes = self._shell.state.durable.causes
            self._shell.inbox.put(_happening(act, seen=_seen(causes)))
            with trio.move_on_after(_DOWN_S if isinstance(act, Down) else _ANSWER_S):
                await done.wait()
        finally:
            self._shell.answers.pop(request_id, None)
        answer = self._shell.answered.pop(request_id, None)
        if answer is None:
            raise UserError(
                "LEDGER",
                exit=Exit.LEDGER,
                what="The act could not be made durable in time. It may still take effect.",
                why="The ledger did not answer.",
                next="bot status",
            )
        if not answer.done and isinstance(act, Classify):
            raise UserError.of(_not_classified(act, answer.refusals[0]))
        if not answer.done:
            raise self._refused(act, answer.refusals)
        self.refresh()
        return Acted(
            op=f"op-{answer.seq}",
            state="accepted" if isinstance(act, Flatten) else "done",
            request_id=request_id,
            record_seq=answer.seq,
            lines=self._view.status.lines,
        )

    async def events(self, *, from_seq: int, limit: int) -> tuple[EventRow, ...]:
        """Read rows from the ledger, by a connection of their own in a thread."""
        return await trio.to_thread.run_sync(
            _read_events, self._home, from_seq, limit, limiter=self._reads
        )

    def fault(self, *, where: str, error: Exception) -> None:
        """Turn a bug of control's into a cause."""
        self._log.say("crash", at_ms=self._shell.state.now_ms, where=where, error=repr(error))
        self._shell.inbox.put(Crashed(where=where, why=repr(error)))

    def note(self, event: str, /, **facts: str | int) -> None:
        """Write a log line."""
        self._log.say(event, at_ms=self._shell.state.now_ms, **facts)

    def _refused(self, act: Act, refusals: tuple[str, ...]) -> UserError:
        """Word what the core has refused."""
        if isinstance(act, Flatten):
            if refusals[0].startswith("CHANGED"):
                self.refresh()
                plan = self.flatten_plan().hash
                return UserError.of(faults.changed_plan(act.plan, plan=plan))
            return UserError.of(faults.not_flattened(refusals[0]))
        return refusal_of(act, refusals)

    def _require_unchanged(self, act: Rearm) -> None:
        self.refresh()
        if act.expect != self._view.status.rev:
            raise UserError(
                "CHANGED",
                exit=Exit.REFUSED,
                what="The world moved on since you looked. Nothing was changed.",
                why=self._view.status.lines[1],
                next="Look again: bot status",
                details={"lines": list(self._view.status.lines)},
            )


def refusal_of(act: Act, refusals: tuple[str, ...]) -> UserError:
    """Word a refusal with everything that speaks against the act, one after the other."""
    everything = " ".join(f"({n}) {text}." for n, text in enumerate(refusals, start=1))
    details = {"causes": list(refusals)}
    if isinstance(act, Down):
        return UserError(
            "NOT_PROVEN",
            exit=Exit.FAILED,
            what=f"The engine stops, but not everything is proven: {everything}",
            why="Only the venue's own list of open orders proves that none of ours rests.",
            next="Look at the venue. The next start proves it first: bot run",
            details=details,
        )
    is_expired = refusals[0].startswith(Reason.REARM_EXPIRED.value)
    return UserError(
        "EXPIRED" if is_expired else "REFUSED",
        exit=Exit.REFUSED,
        what=f"Refused, for {len(refusals)} {'cause' if len(refusals) == 1 else 'causes'}:"
        f" {everything}",
        why="Going on while it stands would add risk. Nothing was changed.",
        next="Look again: bot status" if is_expired else "Clear it first: bot status",
        details=details,
    )


def _seen(causes: Mapping[Reason, RaisedCause]) -> tuple[tuple[Reason, int], ...]:
    return tuple((reason, cause.at_ms) for reason, cause in causes.items())


def _happening(act: Act, *, seen: tuple[tuple[Reason, int], ...]) -> Happening:
    match act:
        case SetMode():
            return OperatorMode(request_id=act.request_id, mode=act.mode, by=act.by, why=act.reason)
        case Rearm():
            return OperatorRearm(
                request_id=act.request_id,
                by=act.by,
                why=act.reason,
                looked_ms=act.looked_ms,
                seen=seen,
            )
        case OwnUp():
            return WatchdogActed(request_id=act.request_id, by=act.by, why=act.reason)
        case ReconRun():
            return OperatorRecon(request_id=act.request_id, by=act.by, why=act.reason)
        case Classify():
            return OperatorClassify(
                request_id=act.request_id,
                verdict=act.verdict,
                subject=act.subject,
                seen=act.expect,
                by=act.by,
                why=act.reason,
            )
        case Flatten():
            return OperatorFlatten(
                request_id=act.request_id, plan=act.plan, by=act.by, why=act.reason
            )
        case Down():
            return OperatorDown(
                request_id=act.request_id,
                by=act.by,
                why=act.reason,
                cancel_opens=act.cancel_opens,
            )
        case _:
            assert_never(act)


def _not_classified(act: Classify, refusal: str) -> ErrorBody:
    """Word what the core refuses: its first word is the code where it is one of its own."""
    code, _, detail = refusal.partition(" ")
    if code == "NOT_FOUND":
        return faults.not_found(detail)
    if code == "CONFLICT":
        return faults.conflict(act.request_id)
    is_changed = code == "CHANGED"
    return ErrorBody(
        code=code if is_changed else "REFUSED",
        exit=Exit.REFUSED,
        what=f"Refused: {detail if is_changed else refusal}. Nothing was changed.",
        why="A decision holds for what was shown, and for what can be booked.",
        next="Look again: bot recon foreign list",
        details={"causes": [refusal]},
    )


def _read_events(home: Path, from_seq: int, limit: int) -> tuple[EventRow, ...]:
    with open_reader(home) as reader:
        first = max(reader.head().seq + 1 + from_seq, 1) if from_seq < 0 else from_seq
        rows = []
        for written in reader.entries(after=first - 1):
            rows.append(
                event_row(written.entry.record, seq=written.seq, at_ms=written.entry.at_venue_ms)
            )
            if len(rows) == limit:
                break
        return tuple(rows)
