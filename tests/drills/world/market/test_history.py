"""The mean of the index is exact, and equals the one reckoned by brute force."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.world.market.history import CentHistory

D = Decimal
points = st.lists(
    st.tuples(st.integers(1, 30), st.integers(1, 10_000_000)), min_size=1, max_size=20
)


def brute_mean(prices: list[tuple[int, int]], from_ms: int, to_ms: int) -> Decimal:
    """Add up every millisecond of the span."""
    total = 0
    for ms in range(from_ms, to_ms):
        before = [cents for at_ms, cents in prices if at_ms <= ms]
        total += before[-1] if before else prices[0][1]
    return D(round(Fraction(total, to_ms - from_ms))) / 100  # Fraction rounds half to even


@given(points, st.integers(0, 200), st.integers(1, 200))
def test_mean_is_that_of_every_millisecond(
    steps: list[tuple[int, int]], begin: int, length: int
) -> None:
    prices = [(50, steps[0][1])]
    history = CentHistory(50, cents=steps[0][1])
    for lasting, cents in steps[1:]:
        prices.append((prices[-1][0] + lasting, cents))
        history.note(prices[-1][0], cents=cents)
    assert history.mean(begin, begin + length) == brute_mean(prices, begin, begin + length)


def test_an_instant_has_the_price_that_holds() -> None:
    history = CentHistory(0, cents=100)
    history.note(10, cents=300)
    assert [history.mean(ms, ms) for ms in (0, 9, 10, 99)] == [1, 1, 3, 3]


def test_a_long_life_keeps_the_last_hour_exactly() -> None:
    history = CentHistory(0, cents=0)
    for second in range(1, 20_001):
        history.note(second * 1_000, cents=second)
    now_ms = 20_000 * 1_000
    # Seconds 16 400 … 19 999 hold in the last hour: their mean is 18 199.5 cents, half to even.
    assert history.mean(now_ms - 3_600_000, now_ms) == D("182.00")


def test_time_does_not_go_back() -> None:
    history = CentHistory(5, cents=1)
    with pytest.raises(ValueError, match="cannot follow"):
        history.note(5, cents=2)
    with pytest.raises(ValueError, match="no index"):
        history.mean(7, 6)
