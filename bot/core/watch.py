"""Each turn the monitors look, the latch is decided, and what forces a mode is raised."""

from collections.abc import Callable, Iterable, Iterator

from bot.core.cause import raise_cause
from bot.core.record import LatchMoved
from bot.core.sight import sight_of
from bot.core.state import LatchCause, Proofs, State
from bot.core.turn import Turn
from bot.domain.reason import REASONS, Reason
from bot.monitors.order import FORCING, PROOFS, Monitor
from bot.monitors.sight import Cause, Sight

__all__ = ["standing", "watch"]


def watch(turn: Turn) -> None:
    """Look at everything once."""
    sight = sight_of(turn.state)
    for monitor in FORCING:
        cause = _ask(turn, monitor, sight)
        if cause is not None:
            raise_cause(turn, cause.reason, cause.detail)
    _decide_latch(turn, sight)


def standing(turn: Turn) -> tuple[tuple[Reason, str], ...]:
    """List what would force a mode right now: an operator cannot rearm while it does [C-307]."""
    state, sight = turn.state, sight_of(turn.state)
    found = [(cause.reason, cause.detail) for m in FORCING if (cause := _ask(turn, m, sight))]
    for _, monitor in PROOFS:
        cause = _ask(turn, monitor, sight)
        if cause is not None and cause.reason is Reason.INTERNAL:
            found.append((cause.reason, cause.detail))
    # A single difference may be a trade between two reads; once it has forced a mode it stands.
    if state.recon.mismatches and Reason.POSITION_MISMATCH in state.durable.causes:
        found.append((Reason.POSITION_MISMATCH, "; ".join(state.recon.differences)))
    found += [(Reason.LATCH_OVERDUE, detail) for detail in _overdue(state, state.proofs.causes)]
    return tuple(found)


def _ask(turn: Turn, monitor: Monitor, sight: Sight) -> Cause | None:
    try:
        return monitor(sight, turn.state.settings.policy)
    except Exception as error:  # noqa: BLE001  # C-606: a check that crashes is a trip
        return Cause(Reason.INTERNAL, f"{_name(monitor)}: {error!r}")


def _name(monitor: Callable[..., object]) -> str:
    return f"{monitor.__module__}.{monitor.__name__}"


def _decide_latch(turn: Turn, sight: Sight) -> None:
    state, before = turn.state, turn.state.proofs
    since = {cause.proof: cause for cause in before.causes}
    causes = []
    for proof, monitor in PROOFS:
        cause = _ask(turn, monitor, sight)
        if cause is None:
            continue
        if cause.reason is Reason.INTERNAL:
            raise_cause(turn, cause.reason, cause.detail)
        at = _since(since.get(proof), cause.reason, now_mono_ms=state.mono_ms)
        causes.append(
            LatchCause(reason=cause.reason, proof=proof, detail=cause.detail, since_mono_ms=at)
        )
    is_open = not causes
    shut_ms = None if is_open else before.shut_mono_ms
    if not is_open and shut_ms is None:
        shut_ms = state.mono_ms
    turn.set(proofs=Proofs(causes=tuple(causes), is_open=is_open, shut_mono_ms=shut_ms))
    if is_open is not before.is_open:
        missing = tuple(cause.proof for cause in causes)
        turn.record(LatchMoved(is_open=is_open, missing=missing, at_ms=state.now_ms))
        turn.say("latch", open=is_open, missing=list(missing))
    for detail in _overdue(state, causes):
        raise_cause(turn, Reason.LATCH_OVERDUE, detail)


def _since(before: LatchCause | None, reason: Reason, *, now_mono_ms: int) -> int:
    """Say since when a proof is missing.

    By proof, not by reason: one that is missing for changing reasons is missing all the time. But
    what was waited for without a deadline, by plan, is not held against what comes after it.
    """
    if before is None:
        return now_mono_ms
    is_timed = REASONS[before.reason].deadline_s > 0
    return before.since_mono_ms if is_timed or before.reason is reason else now_mono_ms


def _overdue(state: State, causes: Iterable[LatchCause]) -> Iterator[str]:
    for shut in causes:
        deadline_ms = REASONS[shut.reason].deadline_s * 1000
        if deadline_ms and state.mono_ms - shut.since_mono_ms > deadline_ms:
            yield f"{shut.reason.value} for over {deadline_ms // 1000} s: {shut.detail}"
