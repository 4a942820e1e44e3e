"""The stepped tick (DOMAIN §1.2) and the way onto it (DOMAIN §5.4)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.side import Side
from bot.domain.tick import TickSchedule, TickStep, floor_to_step

STEPPED = TickSchedule(
    tick=Decimal("0.0001"),
    steps=(TickStep(above_price=Decimal("0.005"), tick=Decimal("0.0005")),),
)

prices = st.decimals(min_value="0.00001", max_value="1", places=6)


@pytest.mark.parametrize(
    ("price", "tick"),
    [("0.0001", "0.0001"), ("0.005", "0.0001"), ("0.0051", "0.0005"), ("0.9", "0.0005")],
)
def test_the_smaller_tick_still_holds_at_the_step_itself(price: str, tick: str) -> None:
    assert STEPPED.at(Decimal(price)) == Decimal(tick)


@pytest.mark.parametrize(
    ("price", "is_legal"), [("0.0049", True), ("0.0050", True), ("0.0051", False), ("0.0055", True)]
)
def test_a_price_is_legal_on_the_tick_that_holds_there(price: str, is_legal: bool) -> None:
    assert STEPPED.is_legal(Decimal(price)) is is_legal


@pytest.mark.rule("C-105")
@pytest.mark.parametrize(
    ("price", "side", "passive", "aggressive"),
    [
        ("0.00512", Side.BUY, "0.005", "0.0055"),
        ("0.00501", Side.SELL, "0.0055", "0.005"),
        ("0.00499", Side.SELL, "0.005", "0.0049"),
        ("0.00009", Side.BUY, "0", "0.0001"),
        ("0.0055", Side.BUY, "0.0055", "0.0055"),
        ("0.0055", Side.SELL, "0.0055", "0.0055"),
        ("0.05123", Side.BUY, "0.0510", "0.0515"),
        ("0.05123", Side.SELL, "0.0515", "0.0510"),
    ],
)
def test_a_price_goes_to_its_tick(price: str, side: Side, passive: str, aggressive: str) -> None:
    assert STEPPED.toward_passive(Decimal(price), side) == Decimal(passive)
    assert STEPPED.toward_aggressive(Decimal(price), side) == Decimal(aggressive)


@pytest.mark.rule("C-105")
@given(prices)
def test_the_grid_encloses_every_price_and_holds_still_on_it(price: Decimal) -> None:
    low, high = STEPPED.down(price), STEPPED.up(price)
    assert low <= price <= high
    assert high - low <= STEPPED.at(price)
    assert STEPPED.is_legal(low)
    assert STEPPED.is_legal(high)
    assert STEPPED.down(low) == low
    assert STEPPED.up(high) == high


@pytest.mark.rule("C-105")
@pytest.mark.parametrize(
    ("amount", "step", "expected"),
    [
        ("0.29999999", "0.1", "0.2"),
        ("0.05", "0.1", "0"),
        ("0.3", "0.1", "0.3"),
        ("19.99", "10", "10"),
        ("-19.99", "10", "-10"),  # toward zero, whatever the sign
        ("813.21", "10", "810"),
        ("4782.24", "10", "4780"),
    ],
)
def test_a_size_is_cut_toward_zero(amount: str, step: str, expected: str) -> None:
    assert floor_to_step(Decimal(amount), Decimal(step)) == Decimal(expected)


@pytest.mark.rule("C-105")
@given(
    st.decimals(min_value="-1e9", max_value="1e9", places=9),
    st.sampled_from(["0.1", "0.001", "1", "10"]),
)
def test_a_size_never_grows_and_is_cut_once(amount: Decimal, step: str) -> None:
    cut = floor_to_step(amount, Decimal(step))
    assert abs(cut) <= abs(amount)
    assert abs(amount) - abs(cut) < Decimal(step)
    assert floor_to_step(cut, Decimal(step)) == cut
