"""Breadth first through the states, each expanded once, by every event that can happen in it.

A state is visited anew only when it is reached with fewer disturbances than before.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, final

from drills.explore.alphabet import ALPHABET, Letter
from drills.explore.ending import unended
from drills.explore.outlook import Outlook, outlook
from drills.explore.supremacy import Exit, exits
from drills.explore.world import World, begin

__all__ = ["Explored", "Finding", "explore"]

_FINDINGS_MAX: Final = 20  # with different words: the shortest path of each


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """What must not be, and the shortest way there."""

    what: str
    path: tuple[str, ...]


@final
@dataclass(slots=True)
class Explored:
    """What was seen. `exits` counts positions in states by whether they could be reduced."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    exposed: int = 0
    exits: Counter[Exit] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    is_whole: bool = True  # every event of every state was tried, up to the bounds
    seconds: float = 0.0


@final
@dataclass(frozen=True, slots=True)
class _Node:
    world: World
    path: tuple[str, ...]
    disturbances: int


def explore(
    *, depth: int, disturbances: int, told: Callable[[Explored], None] = lambda _: None
) -> Explored:
    """Explore all paths of at most so many events, of which so many are disturbances."""
    began_s = time.monotonic()
    explored, sound = Explored(), set[Outlook]()
    first = _Node(begin(), (), 0)
    fewest: dict[Outlook, int] = {}
    queue = deque((first,))
    _meet(explored, first, fewest, sound)
    while queue and len(explored.findings) < _FINDINGS_MAX:
        node = queue.popleft()
        if fewest[outlook(node.world)] < node.disturbances:
            continue  # a better way here was found while it waited
        if len(node.path) >= depth:
            explored.is_whole = False
            continue
        for letter in _letters(node, disturbances):
            after = _after(node, letter)
            explored.transitions += 1
            _note(explored, after, after.world.broken)
            if _meet(explored, after, fewest, sound):
                queue.append(after)
        told(explored)
    explored.is_whole = explored.is_whole and not queue
    explored.seconds = time.monotonic() - began_s
    return explored


def _letters(node: _Node, disturbances: int) -> Iterator[Letter]:
    if node.world.is_over or node.world.state.reserve_failure is not None:
        return
    for letter in ALPHABET:
        is_left = node.disturbances < disturbances or not letter.is_disturbance
        if is_left and letter.can(node.world):
            yield letter


def _after(node: _Node, letter: Letter) -> _Node:
    world = node.world.fork()
    letter.do(world)
    count = node.disturbances + int(letter.is_disturbance)
    return _Node(world, (*node.path, letter.name), count)


def _meet(explored: Explored, node: _Node, fewest: dict[Outlook, int], sound: set[Outlook]) -> bool:
    """Judge a state that is new; False for one that needs no second visit."""
    here = outlook(node.world)
    known = fewest.get(here)
    if known is not None and known <= node.disturbances:
        return False
    fewest[here] = node.disturbances
    if known is not None:
        return True
    state = node.world.state
    explored.states += 1
    explored.depth = max(explored.depth, len(node.path))
    explored.modes[state.durable.mode.value] += 1
    found = exits(state)
    explored.exposed += bool(found)
    explored.exits.update(exit_ for _, exit_, _ in found)
    forbidden = (
        f"C-309 {name}: no exit is permitted, and {exit_.value}: {why}"
        for name, exit_, why in found
        if exit_ is Exit.FORBIDDEN
    )
    _note(explored, node, (*forbidden, *unended(node.world, sound)))
    return True


def _note(explored: Explored, node: _Node, broken: Iterable[str]) -> None:
    for what in broken:
        explored.findings.setdefault(what, Finding(what, node.path))
