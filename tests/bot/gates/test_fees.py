"""Expectations stand on the fee schedule [C-112], and a day's fees have an end [C-003]."""

from decimal import Decimal

import pytest

from bot.domain.reason import Reason
from bot.gates.fees import check
from tests.bot.gates.world import OPEN, facts, reason_of

DAY_MS = 24 * 60 * 60 * 1000


@pytest.mark.rule("C-112")
@pytest.mark.parametrize(
    ("age_ms", "expected"),
    [(0, None), (DAY_MS, None), (DAY_MS + 1, Reason.FEES_STALE), (None, Reason.FEES_STALE)],
)
def test_a_schedule_holds_a_day(age_ms: int | None, expected: Reason | None) -> None:
    assert reason_of(check, OPEN, facts(fees_age_ms=age_ms)) is expected


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("equity", "paid", "expected"),
    [
        ("10", "0.1", None),  # 1 % of the day's equity
        ("10", "0.10000001", Reason.FEES_DAY),
        ("0", "0", None),
        ("-1", "0", Reason.FEES_DAY),
        (None, "0", Reason.FEES_DAY),
    ],
)
def test_a_days_fees_end_at_a_hundredth_of_its_equity(
    equity: str | None, paid: str, expected: Reason | None
) -> None:
    day_equity = None if equity is None else Decimal(equity)
    seen = facts(day_equity=day_equity, day_fees=Decimal(paid))
    assert reason_of(check, OPEN, seen) is expected
