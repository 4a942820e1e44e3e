"""50 requests for each trade, judged from the fiftieth request of a day on [C-115]."""

import pytest

from bot.domain.reason import Reason
from bot.gates.order_to_fill import check
from tests.bot.gates.world import OPEN, facts, reason_of


@pytest.mark.rule("C-115")
@pytest.mark.parametrize(
    ("orders", "cancels", "fills", "expected"),
    [
        (0, 0, 0, None),
        (30, 19, 0, None),  # 49: not judged yet
        (30, 20, 0, None),  # 50 for what counts as one
        (30, 21, 0, Reason.ORDER_TO_FILL),
        (60, 40, 2, None),  # 100 for 2
        (60, 41, 2, Reason.ORDER_TO_FILL),
    ],
)
def test_a_day_of_requests_is_held_against_its_trades(
    orders: int, cancels: int, fills: int, expected: Reason | None
) -> None:
    seen = facts(day_orders=orders, day_cancels=cancels, day_fills=fills)
    assert reason_of(check, OPEN, seen) is expected
