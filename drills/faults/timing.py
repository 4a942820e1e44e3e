"""What becomes of time, and when a fault begins that the drill's own script brings about."""

from typing import Final

import trio

from bot.domain.reason import REASONS, Reason
from drills.faults.drill import Act
from drills.faults.stage import Stage

__all__ = ["back_s", "mark", "step_venue_clock", "suspend"]

_ROOM_S: Final = 10.0  # for the next look, and for opens to leave again


def back_s(reason: Reason, *, gone_s: float) -> float:
    """Return when opens are allowed again, in seconds since the start, with some room.

    `gone_s` is when the cause is gone; from then on its proof must stay good for as long as the
    registry says before it counts [C-302].
    """
    return gone_s + REASONS[reason].holds_s + _ROOM_S


def step_venue_clock(at_ms: int, *, step_ms: int, seconds: float) -> Act:
    """Let the venue's clock step, and step back after a while."""

    async def do(stage: Stage) -> None:
        true = stage.world.true
        true.venue_step_ms += step_ms
        stage.strike("venue_step", f"{step_ms} ms")
        await trio.sleep(seconds)
        true.venue_step_ms -= step_ms
        stage.strike("venue_step", f"{-step_ms} ms")

    return Act(at_ms, "venue_step", do)


def suspend(at_ms: int, *, seconds: float) -> Act:
    """Let the machine sleep: true time goes on, its timers and monotonic clock do not.

    Time counts from its waking: asleep it can do neither harm nor good.
    """

    async def do(stage: Stage) -> None:
        stage.world.true.sleep(seconds)
        stage.strike("suspended", f"{seconds} s")

    return Act(at_ms, "suspended", do)


def mark(at_ms: int, name: str) -> Act:
    """Write down when the fault begins that the drill's own script or policy brings about."""

    async def do(stage: Stage) -> None:
        stage.strike(name)

    return Act(at_ms, name, do)
