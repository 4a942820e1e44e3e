"""What becomes of time, and when a fault begins that the drill's own script brings about."""

import trio

from drills.faults.drill import Act
from drills.faults.stage import Stage

__all__ = ["mark", "step_venue_clock", "suspend"]


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
