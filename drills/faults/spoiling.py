"""What the engine is told of its own machine, its key and the market, against all use."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import trio

from bot.monitors.observed import Machine
from drills.faults.drill import Act
from drills.faults.stage import Stage
from drills.world.exchange import KEY

__all__ = ["edit_policy", "garble_figures", "move_index", "revoke_key"]

_OTHER_POLICY: Final = "e" * 64


def edit_policy(at_ms: int, *, seconds: float) -> Act:
    """Somebody edits the policy file, and puts it back after a while."""
    return _machine(
        at_ms, "policy_edited", lambda true: replace(true, policy_hash=_OTHER_POLICY), seconds
    )


def garble_figures(at_ms: int, *, field: str, seconds: float) -> Act:
    """Let one figure of the machine be something that no check can take: those that read it raise.

    So the bug of a check is had without touching one.
    """
    nonsense: dict[str, Any] = {field: object()}
    return _machine(at_ms, "check_raises", lambda true: replace(true, **nonsense), seconds)


def _machine(at_ms: int, name: str, says: Callable[[Machine], Machine], seconds: float) -> Act:
    async def do(stage: Stage) -> None:
        world = stage.world
        is_struck = False

        def said(true: Machine) -> Machine:
            nonlocal is_struck
            if not is_struck:
                is_struck = True
                stage.strike(name)
            return says(true)

        calm, world.machine_says = world.machine_says, said
        await trio.sleep(seconds)
        world.machine_says = calm

    return Act(at_ms, name, do)


def move_index(at_ms: int, *, share: float) -> Act:
    """Let the index be so much higher all at once, a fraction; it stays there."""

    async def do(stage: Stage) -> None:
        stage.strike("index_moved", f"{share:+.1%}")
        stage.world.exchange.market.jump(share)

    return Act(at_ms, "index_moved", do)


def revoke_key(at_ms: int, *, seconds: float) -> Act:
    """The key is taken back at the venue, which ends its line; after a while it is good again."""

    async def do(stage: Stage) -> None:
        floor = stage.world.exchange.floor
        key = floor.gatekeeper.withdraw(KEY.client_id)
        if key is None:
            raise RuntimeError("there is no key to be revoked")
        stage.strike("key_revoked")
        floor.trouble.strike("reset")
        await trio.sleep(seconds)
        floor.gatekeeper.admit(key)

    return Act(at_ms, "key_revoked", do)
