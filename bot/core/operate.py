"""What operators ask of the core: tighten always, loosen only by the rules [C-302, C-307]."""

from dataclasses import replace
from typing import Final

from bot.core.effect import Answer
from bot.core.event import OperatorDown, OperatorMode, OperatorRearm, OperatorRecon
from bot.core.life import Phase
from bot.core.record import Anomaly, ModeCauseRaised, Rearmed, RunEnded
from bot.core.state import AnswerAfter, State, StopAfter, Stopping
from bot.core.turn import Turn
from bot.domain.mode import Mode
from bot.domain.reason import Reason

__all__ = ["ask_down", "ask_mode", "ask_recon", "finish_down", "rearm"]

_STOP_WAIT_MS: Final = 10_000


def ask_mode(turn: Turn, act: OperatorMode) -> None:
    """Tighten the mode; one that is tighter already stays, and the act is recorded all the same.

    ACTIVE is refused: a mode is loosened by a rearm and by nothing else [C-302].
    """
    if act.mode is Mode.ACTIVE:
        why_not = ("only a rearm loosens the mode",)
        turn.emit(
            Answer(request_id=act.request_id, done=False, seq=turn.state.seq, refusals=why_not)
        )
        return
    reason = Reason.OPERATOR_KILL if act.mode is Mode.KILL else Reason.OPERATOR
    turn.record(
        ModeCauseRaised(
            reason=reason, mode=act.mode, detail=act.why, by=act.by, at_ms=turn.state.now_ms
        )
    )
    turn.after_commit(AnswerAfter(request_id=act.request_id))
    turn.say("operator", act="mode", mode=act.mode.value, by=act.by, why=act.why)


def rearm(turn: Turn, act: OperatorRearm, *, standing: tuple[tuple[Reason, str], ...]) -> None:
    """Clear what forced the mode, unless a cause still stands: say which, and change nothing.

    A cause that came after the operator looked was not agreed to: refused as CHANGED.
    """
    state = turn.state
    unseen = tuple(
        f"CHANGED {reason.value}: {cause.detail} (by {cause.by})"
        for reason, cause in state.durable.causes.items()
        if (reason, cause.at_ms) not in act.seen
    )
    still = unseen or tuple(f"{reason.value}: {detail}" for reason, detail in standing)
    if still:
        turn.emit(Answer(request_id=act.request_id, done=False, seq=state.seq, refusals=still))
        return
    cleared = tuple(sorted(state.durable.causes, key=lambda reason: reason.value))
    turn.record(Rearmed(by=act.by, why=act.why, cleared=cleared, at_ms=state.now_ms))
    turn.after_commit(AnswerAfter(request_id=act.request_id))
    # Consent is to what is proven, so that everything is proven anew before an open [C-303].
    # One that is under way began before the consent: it is given up, and the next begins now.
    turn.set(
        recon=replace(
            turn.state.recon,
            is_wanted=True,
            mismatches=0,
            proven_epoch=0,
            asked_mono_ms=None,
            ended_mono_ms=None,
        ),
        # What has come and gone was looked at: it is counted anew from here on.
        proofs=replace(turn.state.proofs, losses={}),
    )
    turn.say("operator", act="rearm", by=act.by, why=act.why, cleared=[r.value for r in cleared])


def ask_recon(turn: Turn, act: OperatorRecon) -> None:
    """Reconcile now."""
    turn.record(
        Anomaly(code="OPERATOR_RECON", detail=f"{act.by}: {act.why}", at_ms=turn.state.now_ms)
    )
    turn.set(recon=replace(turn.state.recon, is_wanted=True))
    turn.after_commit(AnswerAfter(request_id=act.request_id))


def ask_down(turn: Turn, act: OperatorDown) -> None:
    """Begin to stop: nothing new opens from here on."""
    if turn.state.stopping is not None:
        if act.request_id is not None:
            why_not = (f"it is stopping already: {turn.state.stopping.why}",)
            turn.emit(
                Answer(request_id=act.request_id, done=False, seq=turn.state.seq, refusals=why_not)
            )
        return
    turn.set(
        stopping=Stopping(
            by=act.by,
            why=act.why,
            cancel_opens=act.cancel_opens,
            deadline_mono_ms=turn.state.mono_ms + _STOP_WAIT_MS,
            request_id=act.request_id,
        )
    )
    turn.say("operator", act="down", by=act.by, why=act.why)


def finish_down(turn: Turn) -> None:
    """End the run once nothing is under way, or when waiting longer would prove nothing."""
    state, stopping = turn.state, turn.state.stopping
    if stopping is None or state.durable.ended is not None:
        return
    is_late = state.mono_ms >= stopping.deadline_mono_ms
    if not is_late and _is_busy(state, cancel_opens=stopping.cancel_opens):
        return
    turn.record(
        RunEnded(
            run_id=state.settings.run_id, ended_ms=state.now_ms, by=stopping.by, why=stopping.why
        )
    )
    if stopping.request_id is not None:
        turn.after_commit(AnswerAfter(request_id=stopping.request_id))
    turn.after_commit(StopAfter(why=stopping.why))


def _is_busy(state: State, *, cancel_opens: bool) -> bool:
    """Say whether an order is still in flight, or resting although it should come off."""
    if state.reserve_failure is not None:
        return False
    resting = {Phase.ACKED, Phase.OPEN, Phase.PARTIAL}
    for order in state.durable.orders.values():
        if order.phase not in resting or cancel_opens:
            return True
    return bool(state.waiting)
