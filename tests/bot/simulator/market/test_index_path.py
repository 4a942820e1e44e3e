"""The index of the modelled market."""

import math
from dataclasses import replace
from random import Random

import pytest

from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS, YEAR_MS
from bot.simulator.market.index_path import IndexState, move, season, step_index
from bot.simulator.market.regime import NORMAL, REGIMES, STRESSED

WEDNESDAY_MS = 1_764_115_200_000  # 2025-11-26T00:00Z
SATURDAY_MS = WEDNESDAY_MS + 3 * DAY_MS


def test_one_minute_of_pure_diffusion_is_exact() -> None:
    no_jumps = replace(NORMAL, jumps_per_year=0.0)
    change = move(0.6, regime=no_jumps, dt=MINUTE_MS / YEAR_MS, z=1.0)
    assert 60_000 * math.exp(change) == pytest.approx(60049.656341976726, abs=1e-9)


def test_jumps_are_compensated() -> None:
    assert STRESSED.jump_compensator == pytest.approx(-0.028340651057984, abs=1e-15)


def test_index_is_a_fair_game_over_a_million_draws() -> None:
    draws = Random(7)  # noqa: S311  # a sample, not a secret
    start = IndexState(math.log(60_000.0), STRESSED.sigma**2)
    count, total, squares = 1_000_000, 0.0, 0.0
    for _ in range(count):
        after = step_index(
            start, regime=STRESSED, at_ms=WEDNESDAY_MS, lasting_ms=DAY_MS, draws=draws
        )
        ratio = math.exp(after.ln_price - start.ln_price)
        total += ratio
        squares += ratio * ratio
    mean = total / count
    error = math.sqrt((squares / count - mean * mean) / count)
    assert abs(mean - 1.0) < 4 * error
    assert error < 2e-4  # so that the check means something


def test_small_steps_have_the_volatility_of_the_regime() -> None:
    draws = Random(11)  # noqa: S311  # a sample, not a secret
    no_jumps = replace(NORMAL, jumps_per_year=0.0)
    start = IndexState(0.0, NORMAL.sigma**2)
    moves = [
        step_index(start, regime=no_jumps, at_ms=WEDNESDAY_MS, lasting_ms=100, draws=draws).ln_price
        for _ in range(20_000)
    ]
    yearly = math.sqrt(sum(x * x for x in moves) / len(moves) * YEAR_MS / 100)
    assert yearly == pytest.approx(0.55, rel=4 / math.sqrt(2 * 20_000))


def test_jumps_come_as_often_as_the_regime_says() -> None:
    draws = Random(13)  # noqa: S311  # a sample, not a secret
    still = replace(STRESSED, vol_of_variance=0.0, sigma=0.0)
    jumped = sum(
        step_index(
            IndexState(0.0, 0.0), regime=still, at_ms=WEDNESDAY_MS, lasting_ms=HOUR_MS, draws=draws
        ).ln_price
        != move(0.0, regime=still, dt=HOUR_MS / YEAR_MS, z=0.0)
        for _ in range(20_000)
    )
    rate = 200 / 365 / 24
    assert abs(jumped / 20_000 - (1 - math.exp(-rate))) < 4 * math.sqrt(rate / 20_000)


@pytest.mark.parametrize(
    ("at_ms", "factor"),
    [
        (WEDNESDAY_MS, 1.0),
        (WEDNESDAY_MS + 13 * HOUR_MS, 1.3),
        (WEDNESDAY_MS + 16 * HOUR_MS - 1, 1.3),
        (WEDNESDAY_MS + 16 * HOUR_MS, 1.0),
        (SATURDAY_MS, 0.7),
        (SATURDAY_MS - 1, 1.0),
        (SATURDAY_MS + 14 * HOUR_MS, 0.91),
        (SATURDAY_MS + 2 * DAY_MS, 1.0),
    ],
)
def test_weekends_are_quiet_and_the_american_morning_is_not(at_ms: int, factor: float) -> None:
    assert season(at_ms) == pytest.approx(factor)


def test_the_table_of_regimes_is_the_specification_s() -> None:
    rows = {
        name: (r.sigma, r.reversion, r.vol_of_variance, r.correlation, r.jumps_per_year)
        for name, r in REGIMES.items()
    }
    assert rows == {
        "calm": (0.35, 6, 0.8, -0.2, 12),
        "normal": (0.55, 6, 1.2, -0.3, 40),
        "stressed": (1.00, 10, 3.0, -0.5, 200),
    }


def test_variance_never_goes_below_zero_nor_away() -> None:
    draws = Random(3)  # noqa: S311  # a sample, not a secret
    state = IndexState(math.log(60_000.0), 1.0)
    for _ in range(2_000):
        state = step_index(
            state, regime=STRESSED, at_ms=WEDNESDAY_MS, lasting_ms=DAY_MS // 4, draws=draws
        )
        assert 0.0 <= state.variance <= 25.0
