"""Which strikes an expiry has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.market.strikes import first_strikes, more_strikes, strike_step


@pytest.mark.parametrize(
    ("price", "days", "step"),
    [
        (60_000, 1, 500),  # a quarter of a deviation is 330 USD
        (60_000, 7, 1_000),  # 872
        (60_000, 30, 2_000),  # 1806
        (60_000, 90, 5_000),  # 3128
        (3_000, 1, 20),  # 16.5
        (3_000, 30, 100),  # 90.3
    ],
)
def test_steps_are_round_and_grow_with_life(price: float, days: int, step: int) -> None:
    assert strike_step(price, years=days / 365) == step


def test_a_new_expiry_has_seventeen_strikes_around_the_index() -> None:
    strikes = first_strikes(60_400.0, years=30 / 365)
    assert strikes == tuple(range(44_000, 76_001, 2_000))


def test_strikes_follow_the_index_and_never_leave() -> None:
    first = first_strikes(60_000.0, years=30 / 365)
    up = more_strikes(first, price=70_500.0)
    assert up[: len(first)] == first
    assert sum(strike > 70_500 for strike in up) >= 5
    down = more_strikes(first, price=48_500.0)
    assert down[-len(first) :] == first
    assert sum(strike < 48_500 for strike in down) >= 5
    assert more_strikes(first, price=60_500.0) == first


@given(st.floats(min_value=1.0, max_value=1e6), st.floats(min_value=1.0, max_value=1e6))
def test_the_number_of_strikes_is_bounded(start: float, then: float) -> None:
    first = first_strikes(start, years=7 / 365)
    found = more_strikes(first, price=then)
    assert 8 <= len(first) <= 17
    assert len(found) <= 41
    assert found == tuple(sorted(set(found)))
    assert found[0] > 0
