"""The funding rate of a perpetual."""

import pytest

from bot.simulator.market.funding import funding_8h


@pytest.mark.parametrize(
    ("mark", "rate"),
    [
        (60_030, 0.00025),
        (60_010, 0.0),  # dead band
        (59_990, 0.0),
        (59_970, -0.00025),
        (61_000, 0.005),  # cap
        (59_000, -0.005),
    ],
)
def test_longs_pay_above_the_band_and_never_more_than_the_cap(mark: float, rate: float) -> None:
    assert funding_8h((mark - 60_000) / 60_000) == pytest.approx(rate, abs=1e-15)
