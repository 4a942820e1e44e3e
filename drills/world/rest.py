"""Coming to rest: liveness after healing, and an end in order (RELIABILITY §6)."""

from contextlib import suppress
from typing import Final

import trio

from bot.control.errors import UserError
from bot.control.port import Down
from bot.core.life import Phase
from bot.domain.mode import Mode
from drills.world.world import Broken, World

__all__ = ["LIVENESS", "WELL_S", "become_well", "end_when_broken", "heal", "spare", "stop"]

LIVENESS: Final = "liveness"
WELL_S: Final = 600.0  # the longest of the deadlines after healing, and room for what precedes it


def heal(world: World) -> None:
    """From here on nothing goes wrong any more."""
    world.witness.say("everything heals")
    world.is_healed = True
    world.healed.set()
    world.exchange.floor.trouble.heal()
    world.disk.fault = lambda _what, _file: None
    world.barrier_s = lambda: 0.0
    world.is_barrier_slow = False
    if world.true.venue_step_ms:
        world.inject("venue_step", "back")  # the venue's clock goes right, which is a step too
        world.true.venue_step_ms = 0
    world.drift_ppm, world.wall_step_ms = 0.0, 0


def spare(world: World) -> None:
    """No process that is there now is killed any more."""
    for process in world.processes:
        process.dies_at_step = process.dies_at_act = process.dies_at_send = None


async def stop(world: World) -> None:
    """Ask the living engine to end in order, and wait for its answer."""
    living = world.living
    if living is not None:
        act = Down(by="owner", reason="end", cancel_opens=True, request_id="owner-end")
        with suppress(UserError):
            await living.engine.port.act(act)


async def become_well(world: World, what: str, *, look_s: float = 1.0) -> None:
    """Wait until all is well, settled besides, or no more than connected and reconciled.

    Too long is a finding, which ends the run.
    """
    lacks = "nothing lives"
    with trio.move_on_after(WELL_S):
        while True:
            await trio.sleep(look_s)
            lacks = _unseen(world) if what == "connected" else _lacks(world, what)
            if not lacks:
                return
    with suppress(Broken):
        world.require(LIVENESS, f"not {what} {WELL_S:.0f} s after healing: {lacks}")
    await trio.sleep_forever()


def _unseen(world: World) -> str:
    process = world.living
    if process is None:
        return ""  # it has died meanwhile: the next one reads the clock anew
    state = process.engine.shell.state
    is_proven = state.link.is_up and state.recon.proven_epoch == state.link.epoch
    return "" if is_proven else f"connection {state.link.epoch} is not reconciled"


def _lacks(world: World, what: str) -> str:
    process = world.living
    if process is None or process.state is None:
        return "nothing lives"
    state = process.engine.shell.state
    if state.durable.mode is not Mode.ACTIVE:
        causes = ", ".join(f"{r.value} {c.detail}" for r, c in state.durable.causes.items())
        return f"the mode is {state.durable.mode.value}: {causes}"
    if not state.proofs.is_open:
        causes = "; ".join(f"{c.reason.value} {c.detail}" for c in state.proofs.causes)
        return f"the latch is shut: {causes}"
    group = state.durable.group
    if group is not None and not group.stage.is_over:
        return f"{group.group_id} is {group.stage.value}"
    doubted = [o.label for o in state.durable.orders.values() if o.phase is Phase.UNKNOWN]
    if doubted:
        return f"{doubted[0]} is in doubt"
    if what == "settled" and state.durable.orders:
        order = next(iter(state.durable.orders.values()))
        return f"{order.label} is {order.phase.value}"
    return ""


async def end_when_broken(world: World, scope: trio.CancelScope) -> None:
    """Cancel everything at the first finding."""
    await world.broken.wait()
    scope.cancel()
