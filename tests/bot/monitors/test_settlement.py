"""No open of any kind from 07:55 to 08:05 UTC (DOMAIN §1.4) [C-510]."""

import pytest

from bot.domain.instant import DAY_MS, MINUTE_MS
from bot.domain.reason import Reason
from bot.monitors.settlement import check
from tests.bot.monitors.quiet import EIGHT_MS, POLICY, reason_of, sight


@pytest.mark.rule("C-510")
@pytest.mark.parametrize(
    ("from_eight_ms", "expected"),
    [
        (-5 * MINUTE_MS - 1, None),
        (-5 * MINUTE_MS, Reason.EXPIRY_WINDOW),
        (-1, Reason.EXPIRY_WINDOW),
        (0, Reason.EXPIRY_WINDOW),
        (5 * MINUTE_MS - 1, Reason.EXPIRY_WINDOW),
        (5 * MINUTE_MS, None),
        (12 * 60 * MINUTE_MS, None),
        (DAY_MS, Reason.EXPIRY_WINDOW),
    ],
)
def test_around_settlement_nothing_is_opened(from_eight_ms: int, expected: Reason | None) -> None:
    assert reason_of(check, sight(now_ms=EIGHT_MS + from_eight_ms)) is expected


@pytest.mark.parametrize(
    ("from_eight_ms", "detail"),
    [(-3 * MINUTE_MS, "3 min before it"), (2 * MINUTE_MS, "2 min after settlement")],
)
def test_it_says_how_far_settlement_is(from_eight_ms: int, detail: str) -> None:
    cause = check(sight(now_ms=EIGHT_MS + from_eight_ms), POLICY)
    assert cause is not None
    assert cause.detail == detail
