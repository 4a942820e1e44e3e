"""Round trips of the comparisons: half within 300 ms, 95 % within 1.5 s (the shipped policy)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.jitter import check
from tests.bot.monitors.quiet import line, reason_of, sight

SLOW = Reason.NETWORK_JITTER


@pytest.mark.rule("C-508")
@pytest.mark.parametrize(
    ("trips_ms", "expected"),
    [
        ((300,) * 60, None),
        ((301,) * 60, SLOW),
        ((10,) * 30 + (301,) * 30, None),  # the thirtieth of sixty is the middle
        ((10,) * 29 + (301,) * 31, SLOW),
        ((10,) * 57 + (1_501,) * 3, None),  # the 57th of sixty is 95 %
        ((10,) * 56 + (1_501,) * 4, SLOW),
        ((10,) * 56 + (1_500,) * 4, None),
        ((9_999,) * 19, None),  # too few to tell
        ((9_999,) * 20, SLOW),
        ((), None),
    ],
)
def test_the_middle_and_the_slow_end_have_limits(
    trips_ms: tuple[int, ...], expected: Reason | None
) -> None:
    assert reason_of(check, line(trips_ms=trips_ms)) is expected
    assert reason_of(check, line(trips_ms=tuple(reversed(trips_ms)))) is expected


@pytest.mark.rule("C-508")
def test_without_a_look_nothing_is_said() -> None:
    assert reason_of(check, sight(observed=None)) is None
