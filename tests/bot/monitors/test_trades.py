"""Our trades add up to what the venue says has filled [C-209]."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.trades import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-209")
@pytest.mark.parametrize(
    ("labels", "expected"), [((), None), (("bot-1",), Reason.TRADES_INCOMPLETE)]
)
def test_a_finished_order_that_lacks_trades_shuts_opens(
    labels: tuple[str, ...], expected: Reason | None
) -> None:
    assert reason_of(check, sight(unsettled_labels=labels)) is expected
