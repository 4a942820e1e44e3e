"""Raising what forces a mode: recorded, sticky, and only ever by this path [C-302, C-306]."""

from bot.core.record import ModeCauseRaised
from bot.core.turn import Turn
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.guard.resolve import forced_mode

__all__ = ["raise_cause"]


def raise_cause(turn: Turn, reason: Reason, detail: str, *, by: str = "engine") -> None:
    """Record a mode cause unless it stands already; a second raising changes nothing."""
    if reason in turn.state.durable.causes:
        return
    mode = forced_mode(reason)
    if mode is Mode.ACTIVE:
        raise AssertionError(f"{reason.value} forces no mode")
    turn.record(
        ModeCauseRaised(reason=reason, mode=mode, detail=detail, by=by, at_ms=turn.state.now_ms)
    )
    turn.say("cause", reason=reason.value, mode=mode.value, detail=detail, by=by)
