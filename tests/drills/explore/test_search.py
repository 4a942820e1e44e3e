"""The states next to the beginning, by each kind of path; all of them are a drill."""

import pytest

from bot.core.close import held_names
from bot.domain.mode import Mode
from bot.group.group import Stage
from drills.explore.alphabet import ALPHABET
from drills.explore.search import Explored, explore
from drills.explore.supremacy import Exit
from drills.explore.world import World, begin

LETTERS = {letter.name: letter for letter in ALPHABET}


def follow(*path: str) -> World:
    """Go along a path of events, each of which must be able to happen."""
    world = begin()
    for name in path:
        assert LETTERS[name].can(world), name
        world = world.fork()
        LETTERS[name].do(world)
        assert world.broken == ()
    return world


def findings(explored: Explored) -> list[str]:
    """Say what was found, each with its path."""
    return [f"{f.what}: {' > '.join(f.path)}" for f in explored.findings.values()]


@pytest.mark.rule("C-309", "C-402", "C-403")
def test_without_disturbance_every_state_there_is_has_an_exit_and_an_end() -> None:
    explored = explore(depth=60, disturbances=0)
    assert findings(explored) == []
    assert explored.is_whole
    assert explored.depth < 60  # nothing further is left
    assert explored.exits[Exit.PERMITTED] > 200


@pytest.mark.rule("C-302", "C-304", "C-309")
def test_with_one_disturbance_so_do_the_states_near_the_beginning() -> None:
    explored = explore(depth=5, disturbances=1)
    assert findings(explored) == []
    assert set(explored.modes) == {mode.value for mode in Mode}
    assert explored.exposed > 200
    assert explored.exits[Exit.FORBIDDEN] == 0


@pytest.mark.rule("C-302", "C-309")
def test_with_two_disturbances_so_do_the_nearest() -> None:
    explored = explore(depth=4, disturbances=2)
    assert findings(explored) == []
    assert explored.exposed > 100


@pytest.mark.rule("C-510", "C-402")
def test_a_group_whose_legs_expire_under_way_ends_with_their_delivery() -> None:
    """The venue defines no more what has expired; of the second leg nothing was ever held."""
    world = follow("a group is proposed", "answered: whole", "the options expire", "time passes")
    group = world.state.durable.group
    assert group is not None
    assert group.stage is Stage.FLATTENED
    assert held_names(world.state) == ()


@pytest.mark.rule("C-007")
def test_an_open_that_waits_for_its_barrier_does_not_leave_after_a_kill() -> None:
    world = follow("the barrier is stuck", "a group is proposed", "KILL", "the barrier is through")
    assert world.pending == ()
    assert world.state.durable.mode is Mode.KILL


@pytest.mark.rule("C-308")
def test_a_kill_outlives_a_crash() -> None:
    world = follow("KILL", "a crash", "the line is back")
    assert world.state.durable.mode is Mode.KILL
    assert not world.state.proofs.is_open or world.pending == ()
