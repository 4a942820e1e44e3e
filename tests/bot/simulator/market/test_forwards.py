"""The forward of an expiry."""

import math
from decimal import Decimal

import pytest

from bot.domain.instant import MINUTE_MS, YEAR_MS
from bot.simulator.market.forwards import delta_weight, forward_usd
from bot.simulator.market.regime import NORMAL

EXPIRY_MS = 1_764_144_000_000


def _mean(_from_ms: int, _to_ms: int) -> Decimal:
    return Decimal(60_000)


def test_forward_grows_with_the_basis() -> None:
    at_ms = EXPIRY_MS - YEAR_MS // 2
    found = forward_usd(
        60_000.0, expiry_ms=EXPIRY_MS, at_ms=at_ms, regime=NORMAL, noise=0.0, mean=_mean
    )
    assert found == pytest.approx(60_000 * math.exp(0.03))


def test_in_the_window_it_is_the_expected_delivery() -> None:
    # 10 minutes in, mean so far 60000, index 63000 → 62000, two thirds of the delta left
    at_ms = EXPIRY_MS - 20 * MINUTE_MS
    found = forward_usd(
        63_000.0, expiry_ms=EXPIRY_MS, at_ms=at_ms, regime=NORMAL, noise=0.01, mean=_mean
    )
    assert found == pytest.approx(62_000.0)
    assert delta_weight(expiry_ms=EXPIRY_MS, at_ms=at_ms) == pytest.approx(2 / 3)


def test_a_quarter_of_an_hour_before_the_end_half_the_delta_is_left() -> None:
    weight = delta_weight(expiry_ms=EXPIRY_MS, at_ms=EXPIRY_MS - 15 * MINUTE_MS)
    # long 1 call, Δ 1.0, mark 0.3 → 0.5 − 0.3·0.5
    assert (1.0 - 0.3) * weight == pytest.approx(0.35)
    assert delta_weight(expiry_ms=EXPIRY_MS, at_ms=EXPIRY_MS - 40 * MINUTE_MS) == 1.0
    assert delta_weight(expiry_ms=EXPIRY_MS, at_ms=EXPIRY_MS + 1) == 0.0
