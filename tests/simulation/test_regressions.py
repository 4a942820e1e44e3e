"""Every bug that the world found, lived through again."""

import pytest

from drills.world.run import run_seed
from tests.simulation.weather_file import Found, all_found


@pytest.mark.rule("C-803")
@pytest.mark.parametrize("found", all_found(), ids=lambda found: found.name)
def test_what_was_found_once_is_found_no_more(found: Found) -> None:
    outcome = run_seed(found.weather)
    assert outcome.finding is None, (outcome.finding, outcome.last)
    # What it takes to find it is still there.
    assert all(outcome.injected.get(name, 0) > 0 for name in found.weather.rates)
