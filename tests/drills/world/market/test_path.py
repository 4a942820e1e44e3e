"""Paths are linear between their points, windows have no end of their own."""

import pytest

from drills.world.market.path import Path, Windows, flat

CRASH = Path(((0, 0), (2, -1), (4, 3)))


@pytest.mark.parametrize(
    ("minute", "expected"),
    [(-5, 0), (0, 0), (0.5, -0.25), (2, -1), (3, 1), (4, 3), (99, 3)],
)
def test_a_path_is_linear_between_its_points_and_holds_beyond(
    minute: float, expected: float
) -> None:
    assert CRASH.at(minute) == expected


@pytest.mark.parametrize("points", [(), ((1, 0), (1, 2)), ((2, 0), (1, 0))])
def test_points_that_do_not_go_on_in_time_are_refused(
    points: tuple[tuple[float, float], ...],
) -> None:
    with pytest.raises(ValueError, match="rising minutes"):
        Path(points)


def test_a_flat_path_has_one_value() -> None:
    assert flat(2.0).at(-1) == flat(2.0).at(50) == 2.0


def test_a_window_holds_its_begin_and_not_its_end() -> None:
    windows = Windows(((0, 1), (3, 4)))
    assert [windows.hold(m) for m in (-0.1, 0, 0.9, 1, 3, 4)] == [
        False, True, True, False, True, False,
    ]  # fmt: skip
