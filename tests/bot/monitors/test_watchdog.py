"""Where a watchdog is expected, nothing opens without it: 10 s (RELIABILITY F39)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.watchdog import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-505")
@pytest.mark.parametrize(
    ("is_expected", "age_ms", "expected"),
    [
        (False, None, None),
        (False, 60_000, None),
        (True, None, Reason.WATCHDOG_SILENT),
        (True, 0, None),
        (True, 10_000, None),
        (True, 10_001, Reason.WATCHDOG_SILENT),
    ],
)
def test_its_silence_shuts_opens_where_it_is_expected(
    is_expected: bool, age_ms: int | None, expected: Reason | None
) -> None:
    seen = sight(is_watchdog_expected=is_expected, watchdog_age_ms=age_ms)
    assert reason_of(check, seen) is expected
