"""Venue time must be known [C-507]: 500 ms, compared within 30 s (DOMAIN §8.2, drill 10)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.clock import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-507")
@pytest.mark.parametrize(
    ("offset_ms", "bound_ms", "age_ms", "expected"),
    [
        (0, 0, 0, None),
        (500, 0, 0, None),
        (501, 0, 0, Reason.CLOCK_OFFSET),
        (-500, 0, 0, None),
        (-501, 0, 0, Reason.CLOCK_OFFSET),
        (300, 200, 0, None),
        (300, 201, 0, Reason.CLOCK_OFFSET),
        (-300, 201, 0, Reason.CLOCK_OFFSET),
        (0, 0, 30_000, None),
        (0, 0, 30_001, Reason.CLOCK_UNCOMPARED),
        (None, 0, 0, Reason.CLOCK_OFFSET),
    ],
)
def test_offset_and_its_bound_together_stay_inside(
    offset_ms: int | None, bound_ms: int, age_ms: int, expected: Reason | None
) -> None:
    seen = sight(clock_offset_ms=offset_ms, clock_bound_ms=bound_ms, clock_age_ms=age_ms)
    assert reason_of(check, seen) is expected
