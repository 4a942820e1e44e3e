"""The stepped tick (DOMAIN §1.2)."""

from decimal import Decimal

import pytest

from bot.domain.tick import TickSchedule, TickStep

STEPPED = TickSchedule(
    tick=Decimal("0.0001"),
    steps=(TickStep(above_price=Decimal("0.005"), tick=Decimal("0.0005")),),
)


@pytest.mark.parametrize(("price", "tick"), [("0.005", "0.0001"), ("0.0051", "0.0005")])
def test_the_smaller_tick_still_holds_at_the_step_itself(price: str, tick: str) -> None:
    assert STEPPED.at(Decimal(price)) == Decimal(tick)


@pytest.mark.parametrize(
    ("price", "is_legal"), [("0.0049", True), ("0.0050", True), ("0.0051", False), ("0.0055", True)]
)
def test_a_price_is_legal_on_the_tick_that_holds_there(price: str, is_legal: bool) -> None:
    assert STEPPED.is_legal(Decimal(price)) is is_legal
