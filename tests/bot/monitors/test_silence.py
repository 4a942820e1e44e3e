"""A half-open line: nothing for more than 3 s (DOMAIN §8.2, drill 2)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.observed import Observation
from bot.monitors.silence import check
from tests.bot.monitors.quiet import LINE, line, reason_of, sight


@pytest.mark.rule("C-508")
@pytest.mark.parametrize(
    ("silence_ms", "expected"),
    [(0, None), (3_000, None), (3_001, Reason.VENUE_SILENT), (None, None)],
)
def test_a_line_that_says_nothing_for_three_seconds_shuts_opens(
    silence_ms: int | None, expected: Reason | None
) -> None:
    assert reason_of(check, line(silence_ms=silence_ms)) is expected


@pytest.mark.rule("C-508")
def test_a_line_that_is_down_is_another_cause() -> None:
    down = line(silence_ms=60_000)
    assert reason_of(check, sight(observed=down.observed, is_up=False)) is None
    assert reason_of(check, sight(observed=None)) is None
    assert reason_of(check, sight(observed=Observation(line=LINE, machine=None, queues=()))) is None
