"""`bot drill points`: its figures add up, and a failing point says how to see it again."""

from drills.points import Asked, points
from drills.world.points.point import Point


def test_figures_add_up() -> None:
    report = points(Asked(scenario="start", every=60), is_silent=True, workers=1)
    figures = report.figures
    assert report.passed
    assert report.command == "bot drill points --scenario start --every 60"
    assert figures["step_points"] > 0
    assert figures["images"] >= 2 * figures["file_points"]
    assert figures["runs"] == 1 + figures["step_points"] + figures["images"]
    assert figures["violations"] == 0
    assert report.results[0]["runs"] == figures["runs"]


def test_a_failing_point_tells_what_was_found_and_how_to_see_it_again() -> None:
    asked = Asked(scenario="start", point=Point(act=100_000, image=2))
    report = points(asked, is_silent=True, workers=1)
    assert not report.passed
    assert report.figures["violations"] == 1
    assert report.notes[0].startswith("start --act 100000 --image 2: point_is_reached: ")
    again = "bot drill points --scenario start --act 100000 --image 2 --trace"
    assert again in [note.strip() for note in report.notes]
