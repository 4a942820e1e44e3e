"""What the world itself takes note of."""

import pytest

from drills.faults.catalogue import DRILLS
from drills.faults.ready import weather_of
from drills.faults.stage import Stage
from drills.faults.tally import SEED
from drills.world.course import Course, run_course


@pytest.mark.rule("C-208")
def test_an_order_taken_late_and_filled_in_the_same_look_is_known_as_late() -> None:
    drill = DRILLS["late-accept"]  # its late order crosses the spread: taken and filled at once
    stage = Stage(drill)
    weather = weather_of(drill, seed=SEED)
    outcome = run_course(Course(weather=weather, ready=stage.ready, through=stage.through))
    assert outcome.finding is None
    assert len(stage.world.truth.late) == 1
