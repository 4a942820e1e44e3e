"""The latch: open when every proof holds; one that came back must stay for a while [C-302, C-303].

How long it must be good again, after how long it escalates and how often it may go is the
registry's and the policy's. A monitor knows nothing of it: it says what is, each time anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from bot.core.record import LatchMoved
from bot.core.state import LatchCause, Proofs, State
from bot.core.turn import Turn
from bot.domain.reason import REASONS, Reason
from bot.monitors.order import PROOFS
from bot.monitors.sight import Cause

__all__ = ["decide_latch", "escalations"]

_LOSSES_KEPT: Final = 1_000  # of one proof; the policy's own bound is below it


def decide_latch(turn: Turn, missing: Mapping[str, Cause]) -> None:
    """Take what is missing now, by proof, and say whether opens may pass."""
    state, before = turn.state, turn.state.proofs
    # By proof, not by reason: one that is missing for changing reasons is missing all the time.
    known = {cause.proof: cause for cause in before.causes}
    causes: list[LatchCause] = []
    losses = dict(before.losses)
    held = set(before.held)
    for proof, _ in PROOFS:
        was, cause = known.get(proof), missing.get(proof)
        if cause is None:
            waiting = _waiting(state, was) if was is not None and proof in held else None
            if waiting is None:
                held.add(proof)
            else:
                causes.append(waiting)
            continue
        is_lost = was is None or was.good_mono_ms is not None
        if is_lost and proof in held:
            losses[proof] = (*losses.get(proof, ()), state.mono_ms)[-_LOSSES_KEPT:]
        since_ms = (
            state.mono_ms if is_lost else _since(was, cause.reason, now_mono_ms=state.mono_ms)
        )
        causes.append(
            LatchCause(
                reason=cause.reason, proof=proof, detail=cause.detail, since_mono_ms=since_ms
            )
        )
    is_open = not causes
    shut_ms = None if is_open else before.shut_mono_ms
    if not is_open and shut_ms is None:
        shut_ms = state.mono_ms
    turn.set(
        proofs=Proofs(
            causes=tuple(causes),
            is_open=is_open,
            shut_mono_ms=shut_ms,
            held=frozenset(held),
            losses=_recent(state, losses),
        )
    )
    if is_open is not before.is_open:
        names = tuple(cause.proof for cause in causes)
        turn.record(LatchMoved(is_open=is_open, missing=names, at_ms=state.now_ms))
        turn.say("latch", open=is_open, missing=list(names))


def escalations(state: State) -> Iterator[tuple[Reason, str]]:
    """Name what is no hiccup any more: a proof missing for too long, or lost too often [C-302].

    A reason without a deadline escalates in neither way: it is the venue's or the operator's.
    """
    policy = state.settings.policy.guard
    for shut in state.proofs.causes:
        deadline_ms = REASONS[shut.reason].deadline_s * 1000
        if deadline_ms == 0:
            continue
        if shut.good_mono_ms is None and state.mono_ms - shut.since_mono_ms > deadline_ms:
            text = f"{shut.reason.value} for over {deadline_ms // 1000} s: {shut.detail}"
            yield Reason.LATCH_OVERDUE, text
        count = len(state.proofs.losses.get(shut.proof, ()))
        if count > policy.latch_losses_max:
            within_s = policy.latch_losses_window_s_min
            text = f"{shut.reason.value} {count} times within {within_s} s: {shut.detail}"
            yield Reason.LATCH_FLAPPING, text


def _since(was: LatchCause | None, reason: Reason, *, now_mono_ms: int) -> int:
    """Say since when a proof is missing: for changing reasons it is missing all the time.

    But what was waited for without a deadline is not held against what comes after it.
    """
    if was is None or (was.reason is not reason and REASONS[was.reason].deadline_s == 0):
        return now_mono_ms
    return was.since_mono_ms


def _waiting(state: State, was: LatchCause) -> LatchCause | None:
    """Return the cause of a proof that is good again, and not for long enough yet."""
    needed_ms = REASONS[was.reason].holds_s * 1000
    good_ms = state.mono_ms if was.good_mono_ms is None else was.good_mono_ms
    if state.mono_ms - good_ms >= needed_ms:
        return None
    if was.good_mono_ms is not None:
        return was
    return replace(
        was, good_mono_ms=good_ms, detail=f"good again, for {needed_ms // 1000} s: {was.detail}"
    )


def _recent(state: State, losses: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    since_ms = state.mono_ms - state.settings.policy.guard.latch_losses_window_s_min * 1000
    recent = {
        proof: tuple(at for at in times if at > since_ms) for proof, times in sorted(losses.items())
    }
    return {proof: times for proof, times in recent.items() if times}
