"""What operators ask of the core: tighten always, loosen only by the rules [C-302, C-307]."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.core.effect import Answer
from bot.core.event import (
    OperatorDown,
    OperatorMode,
    OperatorRearm,
    OperatorRecon,
    WatchdogActed,
)
from bot.core.exhausted import is_exhausted
from bot.core.life import Phase
from bot.core.record import Anomaly, CloseEnded, ModeCauseRaised, Rearmed, RunEnded
from bot.core.state import AnswerAfter, State, StopAfter, Stopping
from bot.core.turn import Turn
from bot.domain.mode import Mode
from bot.domain.reason import Reason

__all__ = ["ask_down", "ask_mode", "ask_recon", "finish_down", "own_up", "rearm"]

_STOP_WAIT_MS: Final = 10_000
_NAMED_MAX: Final = 3
_LOOK_AHEAD_MS: Final = 5_000  # our venue time may be set back by so much between look and act


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


def own_up(turn: Turn, act: WatchdogActed) -> None:
    """Take it that the watchdog had to act for us: KILL until an operator rearms (DOMAIN §8.2, 24).

    Recorded also when the cause stands already, so that each of its acts is in the story.
    """
    turn.record(
        ModeCauseRaised(
            reason=Reason.WATCHDOG_CANCELLED,
            mode=Mode.KILL,
            detail=act.why,
            by=act.by,
            at_ms=turn.state.now_ms,
        )
    )
    turn.set(recon=replace(turn.state.recon, is_wanted=True))  # what it took off is to be seen
    turn.after_commit(AnswerAfter(request_id=act.request_id))
    turn.say("watchdog_acted", by=act.by, why=act.why)


def rearm(turn: Turn, act: OperatorRearm, *, standing: tuple[tuple[Reason, str], ...]) -> None:
    """Clear what forced the mode, unless a cause still stands: name each, and change nothing.

    A cause that came after the operator looked was not agreed to, and a look that is older than
    the policy accepts counts for nothing. A refusal names all of it, never only the first [C-307].
    """
    state = turn.state
    unseen = {
        reason: f"CHANGED {reason.value}: {cause.detail} (by {cause.by})"
        for reason, cause in state.durable.causes.items()
        if (reason, cause.at_ms) not in act.seen
    }
    still = (
        *_expiry(state, act),
        *unseen.values(),
        *(f"{reason.value}: {detail}" for reason, detail in standing if reason not in unseen),
    )
    if still:
        turn.emit(Answer(request_id=act.request_id, done=False, seq=state.seq, refusals=still))
        turn.say("operator", act="rearm refused", by=act.by, why=act.why, refusals=list(still))
        return
    cleared = tuple(sorted(state.durable.causes, key=lambda reason: reason.value))
    turn.record(Rearmed(by=act.by, why=act.why, cleared=cleared, at_ms=state.now_ms))
    _give_up_what_failed(turn)
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


def _give_up_what_failed(turn: Turn) -> None:
    """Consent is to what is held as well: what could not be closed is the owner's again, or the
    mode would come back for it for ever [C-307].
    """
    state = turn.state
    for name, closing in sorted(state.durable.closings.items()):
        if is_exhausted(state, closing):
            why = "the owner rearmed over it"
            turn.record(CloseEnded(instrument=name, why=why, at_ms=state.now_ms))


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
    """End the run once the venue itself shows nothing of ours, or when waiting longer would prove
    nothing: then say what is not proven [C-305].
    """
    state, stopping = turn.state, turn.state.stopping
    if stopping is None or state.durable.ended is not None:
        return
    stopping = replace(stopping, quiet_mono_ms=_quiet_since(state, stopping))
    unproven = _unproven(state, stopping)
    is_late = state.mono_ms >= stopping.deadline_mono_ms or state.reserve_failure is not None
    if unproven and not is_late:
        turn.set(stopping=stopping)
        _ask_for_list(turn, stopping)
        return
    turn.set(stopping=replace(stopping, unproven=unproven))
    if unproven:
        turn.anomaly("STOP_UNPROVEN", "; ".join(unproven))
    turn.record(
        RunEnded(
            run_id=state.settings.run_id, ended_ms=state.now_ms, by=stopping.by, why=stopping.why
        )
    )
    if stopping.request_id is not None:
        turn.after_commit(AnswerAfter(request_id=stopping.request_id, refusals=unproven))
    turn.after_commit(StopAfter(why=stopping.why))


def _quiet_since(state: State, stopping: Stopping) -> int | None:
    if _is_busy(state, cancel_opens=stopping.cancel_opens):
        return None
    return state.mono_ms if stopping.quiet_mono_ms is None else stopping.quiet_mono_ms


def _unproven(state: State, stopping: Stopping) -> tuple[str, ...]:
    """Say in plain words what is not proven; nothing when it all is.

    Only a list that was asked for after the last order left counts: an older one may have been
    read before a cancel was undone by the venue, or before an order came in.
    """
    if stopping.quiet_mono_ms is None:
        return _unfinished(state) or ("a record is not durable yet",)
    if not stopping.cancel_opens:
        return ()  # they were told to stay: the ledger says which
    listed = state.listed
    is_fresh = (
        listed is not None
        and listed.epoch == state.link.epoch
        and listed.asked_mono_ms > stopping.quiet_mono_ms
    )
    if listed is None or not is_fresh:
        why = "no connection" if not state.link.is_up else "; ".join(state.recon.failures)
        return (f"the venue has not shown its open orders after the end: {why or 'not yet'}",)
    if listed.ours:
        return (f"the venue still shows {len(listed.ours)} of ours: {_some(listed.ours)}",)
    return ()


def _unfinished(state: State) -> tuple[str, ...]:
    lines: list[str] = []
    if labels := sorted(order.label for order in state.durable.orders.values()):
        lines.append(f"{len(labels)} of our orders may still rest or fill: {_some(labels)}")
    group = state.durable.group
    if group is not None and not group.stage.is_over:
        lines.append(f"group {group.group_id} is {group.stage.value}: its legs may not match")
    if closings := sorted(state.durable.closings):
        lines.append(f"still to be closed: {_some(closings)}")
    return tuple(lines)


def _ask_for_list(turn: Turn, stopping: Stopping) -> None:
    """Want another reading, unless one that began after the quiet is under way."""
    recon = turn.state.recon
    quiet_ms = stopping.quiet_mono_ms
    if quiet_ms is None or (recon.asked_mono_ms is not None and recon.asked_mono_ms > quiet_ms):
        return
    turn.set(recon=replace(recon, is_wanted=True))


def _some(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - _NAMED_MAX} more" if len(labels) > _NAMED_MAX else ""
    return ", ".join(labels[:_NAMED_MAX]) + more


def _expiry(state: State, act: OperatorRearm) -> tuple[str, ...]:
    """Refuse a consent that was given to a world too long ago, or to one that has not come."""
    limit_s = state.settings.policy.guard.rearm_age_s_max
    age_ms = state.now_ms - act.looked_ms
    if -_LOOK_AHEAD_MS <= age_ms <= limit_s * 1_000:
        return ()
    age = f"{abs(age_ms) // 1_000} s {'ago' if age_ms > 0 else 'ahead'}"
    return (f"{Reason.REARM_EXPIRED.value}: looked at {age}, at most {limit_s} s ago counts",)


def _is_busy(state: State, *, cancel_opens: bool) -> bool:
    """Say whether an order is still in flight, or resting although it should come off."""
    if state.reserve_failure is not None:
        return False
    resting = {Phase.ACKED, Phase.OPEN, Phase.PARTIAL}
    group = state.durable.group
    if state.durable.closings or (group is not None and not group.stage.is_over):
        return True
    for order in state.durable.orders.values():
        if order.phase not in resting or cancel_opens:
            return True
    return bool(state.waiting)
