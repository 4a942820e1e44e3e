"""The grid says what the tick schedule says."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.side import Side
from bot.domain.tick import TickSchedule, TickStep
from bot.simulator.market.specification import COINS, inverse_perpetual
from drills.world.market.grid import PriceGrid

D = Decimal
OPTION = TickSchedule(tick=D("0.0001"), steps=(TickStep(above_price=D("0.005"), tick=D("0.0005")),))
PERPETUAL = inverse_perpetual(COINS[0]).ticks

schedules = st.sampled_from([OPTION, PERPETUAL])
tenths = st.integers(0, 5_000)  # of the finest tick


@given(schedules, tenths)
def test_rounding_is_that_of_the_schedule(ticks: TickSchedule, place: int) -> None:
    value = ticks.tick * place / 10
    grid = PriceGrid(ticks)
    assert grid.price(grid.down(float(value))) == ticks.down(value)
    assert grid.price(grid.up(float(value))) == ticks.up(value)


@given(schedules, tenths, st.sampled_from(Side), st.integers(1, 3))
def test_a_step_away_is_legal_and_outward(
    ticks: TickSchedule, place: int, side: Side, count: int
) -> None:
    grid = PriceGrid(ticks)
    begin = grid.down(float(ticks.tick * place / 10))
    price = grid.price(grid.away(begin, sign=side.sign, ticks=count))
    assert ticks.is_legal(price)
    assert side.sign * (price - grid.price(begin)) >= ticks.tick * count


@pytest.mark.parametrize(("value", "down", "up"), [
    (0.00504, "0.0050", "0.0055"),  # the coarse tick begins above 0.005
    (0.00500, "0.0050", "0.0050"),
    (0.00496, "0.0049", "0.0050"),
    (0.02130, "0.0210", "0.0215"),
])  # fmt: skip
def test_options_round_by_hand(value: float, down: str, up: str) -> None:
    grid = PriceGrid(OPTION)
    assert (grid.price(grid.down(value)), grid.price(grid.up(value))) == (D(down), D(up))


def test_a_schedule_of_two_steps_is_refused() -> None:
    step = OPTION.steps[0]
    with pytest.raises(ValueError, match="one step"):
        PriceGrid(TickSchedule(tick=OPTION.tick, steps=(step, step)))
