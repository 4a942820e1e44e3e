"""The breaker: three rate-limit answers in 10 s (DOMAIN §8.2, drill 3)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.rate_limit import check
from tests.bot.monitors.quiet import line, reason_of, sight


@pytest.mark.rule("C-506")
@pytest.mark.parametrize(
    ("ages_ms", "expected"),
    [
        ((), None),
        ((9_000, 1_000), None),
        ((10_000, 5_000, 0), Reason.RATE_LIMITED),
        ((10_001, 5_000, 0), None),
        ((60_000, 10_000, 5_000, 0), Reason.RATE_LIMITED),
    ],
)
def test_the_third_answer_within_ten_seconds_shuts_opens(
    ages_ms: tuple[int, ...], expected: Reason | None
) -> None:
    assert reason_of(check, line(limited_ms=ages_ms)) is expected


@pytest.mark.rule("C-506")
def test_without_a_look_nothing_is_said() -> None:
    assert reason_of(check, sight(observed=None)) is None
