"""Nothing is opened shortly before its own expiry (DOMAIN §1.4)."""

import pytest

from bot.domain.instant import MINUTE_MS
from bot.domain.reason import Reason
from bot.gates.window import check
from tests.bot.gates.world import EXPIRY_MS, OPEN, PERPETUAL, facts, reason_of


@pytest.mark.rule("C-107")
@pytest.mark.parametrize(
    ("left_ms", "expected"),
    [
        (60 * MINUTE_MS, None),
        (60 * MINUTE_MS - 1, Reason.NO_TRADE_WINDOW),
        (1, Reason.NO_TRADE_WINDOW),
        (-1, Reason.NO_TRADE_WINDOW),
    ],
)
def test_an_hour_before_expiry_is_the_last_moment(left_ms: int, expected: Reason | None) -> None:
    assert reason_of(check, OPEN, facts(now_ms=EXPIRY_MS - left_ms)) is expected


def test_a_perpetual_has_no_such_window() -> None:
    assert reason_of(check, OPEN, facts(now_ms=EXPIRY_MS, instrument=PERPETUAL)) is None
