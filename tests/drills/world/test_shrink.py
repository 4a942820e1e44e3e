import pytest

from drills.world.shrink import smallest

NAMES = tuple("abcdefghijk")


@pytest.mark.parametrize("guilty", [{"c"}, {"a", "k"}, {"b", "f", "g"}, set(NAMES), set()])
def test_what_is_left_is_what_it_takes(guilty: set[str]) -> None:
    assert set(smallest(NAMES, fails=lambda kept: guilty <= set(kept))) == guilty
