"""The surface moves with the index and stays free of arbitrage."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instant import DAY_MS, YEAR_MS
from bot.simulator.market.vol_path import (
    CALM_SHOCK,
    VolShock,
    VolState,
    base_surface,
    moved,
    step_vol,
)

BASE = base_surface(1.0)
THIRTY_DAYS = 30 / 365


@pytest.mark.parametrize(
    ("days", "percent"), [(1, 41.9), (7, 41.4), (30, 40.7), (90, 42.9), (180, 44.7)]
)
def test_base_surface_has_the_default_vols(days: int, percent: float) -> None:
    assert round(BASE.vol(0.0, years=days / 365) * 100, 1) == percent


def test_falls_raise_thirty_day_vol_three_times_as_much_as_rises_lower_it() -> None:
    before = math.log(BASE.vol(0.0, years=THIRTY_DAYS))
    for index_return, change in ((-0.04, 0.06), (0.04, -0.02)):
        after = moved(BASE, shock=VolShock(index_return, 0.0))
        assert after is not None
        ln_vol = math.log(after.vol(0.0, years=THIRTY_DAYS))
        assert ln_vol - before == pytest.approx(change, abs=1e-12)


def test_short_expiries_move_most() -> None:
    after = moved(BASE, shock=VolShock(-0.04, 0.0))
    assert after is not None
    ratios = [
        after.vol(0.0, years=d / 365) / BASE.vol(0.0, years=d / 365) for d in (7, 30, 90, 180)
    ]
    assert ratios == sorted(ratios, reverse=True)
    assert math.log(ratios[2]) == pytest.approx(0.06 * math.sqrt(30 / 90), abs=1e-12)


def test_without_shock_nothing_moves() -> None:
    assert moved(BASE, shock=CALM_SHOCK) == BASE


@given(
    st.floats(min_value=-0.6, max_value=0.6),
    st.floats(min_value=-1.0, max_value=1.0),
    st.sampled_from([0.4, 1.0, 1.5, 3.3, 5.0]),
)
def test_a_move_is_free_of_arbitrage_or_refused(
    index_return: float, noise: float, factor: float
) -> None:
    after = moved(base_surface(factor), shock=VolShock(index_return, noise))
    assert after is None or after.faults() == ()


def test_a_crash_that_would_make_calendars_free_is_refused() -> None:
    assert moved(BASE, shock=VolShock(-0.35, 0.0)) is None


def test_level_of_vol_wanders_by_four_percent_a_day() -> None:
    draws = Random(5)  # noqa: S311  # a sample, not a secret
    moves = [
        step_vol(VolState(0.0, 0.0), ln_price=0.0, lasting_ms=DAY_MS, draws=draws).noise
        for _ in range(20_000)
    ]
    sd = math.sqrt(sum(x * x for x in moves) / len(moves))
    assert sd == pytest.approx(0.8 * math.sqrt(DAY_MS / YEAR_MS), rel=0.04)


def test_anchor_forgets_half_of_a_move_in_a_day() -> None:
    draws = Random(5)  # noqa: S311  # a sample, not a secret
    after = step_vol(VolState(0.0, 0.0), ln_price=0.1, lasting_ms=DAY_MS, draws=draws)
    assert after.ln_anchor == pytest.approx(0.05)
