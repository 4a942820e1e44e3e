"""Mid first, then to the touch over three steps (DOMAIN §9.1)."""

from decimal import Decimal

import pytest

from bot.domain.side import Side
from bot.strategy.strangle.price import stepped_price
from tests.bot.strategy.strangle.scene import quote


@pytest.mark.parametrize(
    ("attempt", "sell", "buy"),
    [
        (0, "0.0150", "0.0150"),
        (1, "0.0145", "0.0155"),
        (2, "0.0140", "0.0160"),
        (3, "0.0135", "0.0165"),
        (9, "0.0135", "0.0165"),
    ],
)
def test_each_attempt_asks_for_a_third_less(attempt: int, sell: str, buy: str) -> None:
    wide = quote(bid="0.0135", ask="0.0165")
    for side, expected in ((Side.SELL, sell), (Side.BUY, buy)):
        price = stepped_price(wide, side=side, attempt=attempt, steps=3)
        assert price is not None
        assert round(price, 12) == Decimal(expected)


@pytest.mark.parametrize(("bid", "ask"), [(None, "0.0165"), ("0.0135", None), (None, None)])
def test_without_a_mid_there_is_no_patient_price(bid: str | None, ask: str | None) -> None:
    assert stepped_price(quote(bid=bid, ask=ask), side=Side.SELL, attempt=0, steps=3) is None
