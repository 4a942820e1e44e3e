"""Killed at a point: what a scenario is without a crash, and that the enumeration sees bugs."""

import pytest

from drills.points import points_of
from drills.world.points.point import IMAGES, Point
from drills.world.points.run import run_point
from drills.world.points.scenario import SCENARIOS
from drills.world.world import World

# Scenario → what must happen in it when nobody is killed, and how often.
HAPPENS = {
    "start": {},
    "rest": {"order OPEN": 1, "venue cancel": 1},
    "fill": {"order FILLED": 1, "venue fill": 1},
    "cancel": {"order OPEN": 1, "order CANCELLED": 1, "venue cancel": 1},
    "edit": {"private/edit": 1, "venue edit": 1, "order CANCELLED": 1},
    "exit": {"order FILLED": 2, "private/sell": 1},
    "line-cut": {"venue new": 1, "order CANCELLED": 1},
    "unknown-rests": {"order UNKNOWN": 1, "venue new": 1, "order CANCELLED": 1},
    "unknown-filled": {"order UNKNOWN": 1, "venue fill": 1, "order FILLED": 1},
    "unknown-edit": {"private/edit": 1, "venue edit": 1, "order CANCELLED": 1},
    "unknown-absent": {"order UNKNOWN": 1, "private/buy": 1, "order ABSENT": 1},
    "reconcile": {"order FILLED": 1, "order OPEN": 1, "venue cancel": 1},
}


def test_every_scenario_has_its_row() -> None:
    assert set(HAPPENS) == set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_what_it_says_and_ends_well_when_nobody_is_killed(name: str) -> None:
    ran = run_point(name, None)
    assert ran.outcome.finding is None
    assert ran.steps > 100
    assert ran.acts > 30
    assert ran.outcome.crashes == (0 if SCENARIOS[name].prelude_s is None else 1)
    for what, count in HAPPENS[name].items():
        assert ran.outcome.sometimes.get(what) == count, what
    assert set(ran.outcome.injected) == {fault for _, fault in SCENARIOS[name].faults}


def test_killed_anywhere_nothing_is_lost_or_doubled() -> None:
    for point in points_of(run_point("edit", None, is_survey=True), every=50):
        ran = run_point("edit", point)
        assert ran.outcome.finding is None, point
        assert ran.outcome.crashes == 1, point


def test_a_point_gives_the_same_run_each_time() -> None:
    point = Point(act=70, image=4)
    first, again = run_point("fill", point), run_point("fill", point)
    assert first.outcome.crashes == 1
    assert (first.outcome.trace_hash, first.disk) == (again.outcome.trace_hash, again.disk)


def test_images_differ_where_something_waits_for_a_barrier() -> None:
    whole = run_point("fill", None, is_survey=True)
    assert len(whole.images) == whole.acts
    assert max(map(len, whole.images)) >= 6
    act = 1 + max(range(whole.acts), key=lambda act: len(whole.images[act]))
    cuts = [image for image in whole.images[act - 1] if IMAGES[image] is not None]
    disks = [run_point("fill", Point(act=act, image=image)).disk for image in cuts]
    assert len(set(disks)) == len(disks)


def test_a_reserve_file_that_is_half_made_is_not_met_again() -> None:
    # It is made under another name: the world once lost that, and found a torn one in its place.
    for image in range(len(IMAGES)):
        assert run_point("start", Point(act=30, image=image)).outcome.finding is None, image


def test_a_point_that_is_never_reached_is_a_finding() -> None:
    finding = run_point("start", Point(step=1_000_000)).outcome.finding
    assert finding is not None
    assert finding[0] == "point_is_reached"


class _Everything(set[str]):
    def __contains__(self, _label: object) -> bool:
        return True


def _lies(world: World) -> None:
    """Let barriers cover nothing, and blind the world to what lies below one."""
    world.disk.barriers_lie = True
    world.truth.durable_labels = _Everything()


def test_a_barrier_that_covers_nothing_is_found_by_power_cuts_and_by_nothing_else() -> None:
    whole = run_point("rest", None, plant=_lies)
    assert whole.outcome.finding is None
    lost = IMAGES.index(("lost", "lost"))
    found = set()
    for act in range(5, whole.acts, 10):
        kept = run_point("rest", Point(act=act), plant=_lies)
        assert kept.outcome.finding is None, act
        cut = run_point("rest", Point(act=act, image=lost), plant=_lies)
        if cut.outcome.finding is not None:
            found.add(cut.outcome.finding[0])
    assert "acknowledged_is_there" in found


def _forgets_what_it_sent(world: World) -> None:
    """Let every life begin with an empty home: as if nothing had been written down."""
    world.disk.digest = lambda: _emptied(world)  # type: ignore[method-assign]  # after a death


def _emptied(world: World) -> str:
    for path in world.home.glob("ledger.*"):
        path.unlink()
    return ""


def test_an_engine_that_forgets_what_it_sent_is_found() -> None:
    whole = run_point("rest", None)
    ran = run_point("rest", Point(step=whole.steps // 2 + 40), plant=_forgets_what_it_sent)
    assert ran.outcome.finding is not None
