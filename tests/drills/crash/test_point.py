"""The points are complete."""

from collections import Counter

from drills.crash.point import QUESTIONS, SPOTS, Point


def test_every_point_has_spots_and_no_two_share_one() -> None:
    assert list(SPOTS) == list(Point)
    names = Counter(spot.name for spots in SPOTS.values() for spot in spots)
    assert max(names.values()) <= 2  # the trades are asked for twice in one reconciliation
    assert all(spot.passes >= 1 for spots in SPOTS.values() for spot in spots)


def test_reconciliation_is_cut_at_each_of_its_questions() -> None:
    spots = {spot.name for spot in SPOTS[Point.DURING_RECONCILE]}
    for question in QUESTIONS:
        assert {f"ask:{question}", f"heard:{question}"} <= spots
