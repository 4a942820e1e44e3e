"""What kills an engine, cuts its machine off, or starts a second one beside it."""

import trio

from drills.faults.drill import Act
from drills.faults.stage import Stage
from drills.world.life import live
from drills.world.process import Doom, Process

__all__ = ["kill", "kill_at_send", "kill_lives", "start_rival", "vanish"]


def kill(at_ms: int, *, away_s: float = 0.0) -> Act:
    """Kill the engine before its next turn; it stays down for so long."""

    async def do(stage: Stage) -> None:
        process = stage.living()
        stage.away_s = away_s
        process.dies_at_step = process.steps + 1
        await process.died.wait()
        stage.strike("killed_at_step", f"away {away_s} s")

    return Act(at_ms, "killed_at_step", do)


def kill_at_send(at_ms: int, *, away_s: float = 0.0) -> Act:
    """Kill it between the record of the next order and the first byte; it stays down so long."""

    async def do(stage: Stage) -> None:
        process = stage.living()
        stage.away_s = away_s
        process.dies_at_send = process.sends + 1
        await process.died.wait()
        stage.strike("killed_at_send", f"away {away_s} s")

    return Act(at_ms, "killed_at_send", do)


def kill_lives(at_ms: int, *, lives: int) -> Act:
    """Kill it again and again, each life some turns later than the one before."""

    async def do(stage: Stage) -> None:
        process = stage.living()
        stage.dooms.extend(20 + 3 * number for number in range(lives))
        process.dies_at_step = process.steps + 1
        await process.died.wait()
        stage.strike("killed_starting", f"{lives} lives")

    return Act(at_ms, "killed_starting", do)


def vanish(at_ms: int) -> Act:
    """Cut the machine off: its sockets stay open at the venue, what rests goes on resting."""

    async def do(stage: Stage) -> None:
        process = stage.living()
        process.doom = Doom.VANISHED
        process.dies_at_step = process.steps + 1
        await process.died.wait()
        stage.strike("vanished")

    return Act(at_ms, "vanished", do)


def start_rival(at_ms: int) -> Act:
    """Start a second engine on the same home."""

    async def do(stage: Stage) -> None:
        world = stage.world
        owner = world.disk.owner
        stage.strike("rival")
        with trio.move_on_after(5.0):
            await live(world, Process(-1, Doom.KILLED, world.on_death))
        world.disk.owner = owner

    return Act(at_ms, "rival", do)
