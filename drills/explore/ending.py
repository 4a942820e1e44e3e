"""From here on everything goes well: the group ends in time, and a flatten leaves nothing."""

from collections.abc import Iterator
from typing import Final

from bot.core.close import held_names
from bot.core.event import Reported
from bot.core.foreign import apart_of
from bot.core.state import State
from drills.explore.alphabet import flatten, tell_late
from drills.explore.outlook import Outlook, outlook
from drills.explore.world import TICK_MS, World
from drills.groups.engine import WELL
from drills.groups.venue import Fate

__all__ = ["unended"]

_BOUND_MS: Final = 240_000


def unended(world: World, sound: set[Outlook]) -> tuple[str, ...]:
    """Heal a fork of it and say what does not end; `sound` are states known to end, and grows."""
    if world.is_over or world.state.reserve_failure is not None:
        return ()  # the run is over: what is left is the next one's
    healed = world.fork()
    _heal(healed)
    seen: list[Outlook] = []
    for _ in _ticks(healed):
        here = outlook(healed)
        if here in sound:
            sound.update(seen)
            return healed.broken
        seen.append(here)
        if _is_done(healed.state):
            break
    else:
        return (*healed.broken, f"C-402 {_left(healed.state)} after {_BOUND_MS // 1_000} s")
    wrong = (*healed.broken, *_flat(healed))
    if not wrong:
        sound.update(seen)
    return wrong


def _heal(world: World) -> None:
    world.reading, world.seen = "good", WELL
    if world.is_barrier_stuck:
        world.through()
    _fill(world)
    tell_late(world)
    if not world.state.link.is_up:
        world.connect()
    if world.foreign is not None:
        world.feed(Reported(world.leave()))


def _ticks(world: World) -> Iterator[None]:
    for _ in range(_BOUND_MS // TICK_MS):
        yield
        world.tick()
        _fill(world)


def _fill(world: World) -> None:
    while world.pending:
        world.answer(Fate.WHOLE)


def _is_done(state: State) -> bool:
    if state.stopping is not None:
        return state.durable.ended is not None
    group = state.durable.group
    is_closing = any(c.group is not None for c in state.durable.closings.values())
    return (group is None or group.stage.is_over) and not is_closing


def _left(state: State) -> str:
    if state.stopping is not None:
        return "the run has not ended"
    group = state.durable.group
    stage = "no group" if group is None else f"the group is {group.stage.value}"
    return f"{stage}, closing {sorted(state.durable.closings)},"


def _flat(world: World) -> tuple[str, ...]:
    """Flatten what is held, and say what is left of it [C-403]."""
    if world.state.stopping is not None or not _ours(world.state):
        return ()
    flatten(world)
    for _ in _ticks(world):
        if not _ours(world.state):
            return world.broken
    return (*world.broken, f"C-403 a flatten leaves {_ours(world.state)}")


def _ours(state: State) -> tuple[str, ...]:
    """Name what we hold, but for what a stranger's position stands against, and its hedge."""
    held = held_names(state)
    left = tuple(
        name
        for name in held
        if apart_of(state.durable.foreign, name) * state.durable.positions[name].quantity >= 0
    )
    is_barred = len(left) < len(held)
    return tuple(name for name in left if not is_barred or name != state.settings.hedge)
