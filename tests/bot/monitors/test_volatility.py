"""Five minutes that move the coin by more than 3 % (the shipped policy) are a shock."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.volatility import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("moved", "expected"), [(0.0, None), (0.03, None), (0.0301, Reason.VOL_SHOCK)]
)
def test_a_shock_shuts_opens(moved: float, expected: Reason | None) -> None:
    assert reason_of(check, sight(index_range=moved)) is expected
