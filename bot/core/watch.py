"""Each turn the monitors look, the latch is decided, and what forces a mode is raised."""

from collections.abc import Callable
from typing import Final

from bot.core.cause import raise_cause
from bot.core.latch import decide_latch, escalations
from bot.core.sight import sight_of
from bot.core.turn import Turn
from bot.domain.reason import Reason
from bot.monitors.order import FORCING, PROOFS, Monitor
from bot.monitors.sight import Cause, Sight

__all__ = ["standing", "watch"]

_DETAIL_MAX: Final = 300  # characters of a crash that are worth keeping


def watch(turn: Turn) -> None:
    """Look at everything once."""
    sight = sight_of(turn.state)
    for monitor in FORCING:
        cause = _ask(turn, monitor, sight, failed=Reason.KILL_CHECK_FAILED)
        if cause is not None:
            raise_cause(turn, cause.reason, cause.detail)
    decide_latch(turn, _missing(turn, sight))
    for reason, detail in escalations(turn.state):
        raise_cause(turn, reason, detail)


def standing(turn: Turn) -> tuple[tuple[Reason, str], ...]:
    """List what would force a mode right now: an operator cannot rearm while it does [C-307].

    That a proof has come and gone too often is no part of it: looking at that is what the consent
    is for, and the count begins anew with it.
    """
    state, sight = turn.state, sight_of(turn.state)
    found = [
        (cause.reason, cause.detail)
        for monitor in FORCING
        if (cause := _ask(turn, monitor, sight, failed=Reason.KILL_CHECK_FAILED))
    ]
    # A single difference may be a trade between two reads; once it has forced a mode it stands.
    if state.recon.mismatches and Reason.POSITION_MISMATCH in state.durable.causes:
        found.append((Reason.POSITION_MISMATCH, "; ".join(state.recon.differences)))
    found += [row for row in escalations(state) if row[0] is Reason.LATCH_OVERDUE]
    return tuple(found)


def _missing(turn: Turn, sight: Sight) -> dict[str, Cause]:
    """Ask for each proof; one that cannot be asked for is missing [C-606]."""
    found = {}
    for proof, monitor in PROOFS:
        cause = _ask(turn, monitor, sight, failed=Reason.MONITOR_FAILED)
        if cause is not None:
            found[proof] = cause
    return found


def _ask(turn: Turn, monitor: Monitor, sight: Sight, *, failed: Reason) -> Cause | None:
    try:
        return monitor(sight, turn.state.settings.policy)
    except Exception as error:  # noqa: BLE001  # C-606: a check that crashes is a trip
        return Cause(failed, f"{_name(monitor)}: {error!r}"[:_DETAIL_MAX])


def _name(monitor: Callable[..., object]) -> str:
    return f"{monitor.__module__}.{monitor.__name__}"
