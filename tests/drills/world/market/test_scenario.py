"""A run of three hours meets its scenario, whatever the seed."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS
from drills.world.market.regimes import REGIMES
from drills.world.market.scenario import Scenario

START_MS = 1_795_564_800_000  # 2026-11-25T00:00:00Z


@given(st.integers(0, 2**32), st.sampled_from(sorted(REGIMES)))
def test_a_scenario_begins_within_the_first_hour_and_comes_again(seed: int, name: str) -> None:
    regime = REGIMES[name]
    scenario = Scenario(regime, seed=seed, start_ms=START_MS)
    first_ms = scenario.first_ms
    if regime.daily_at_minute is None:
        assert 5 * MINUTE_MS <= first_ms - START_MS <= 35 * MINUTE_MS
    else:
        assert first_ms % DAY_MS == regime.daily_at_minute * MINUTE_MS
    assert scenario.minute(first_ms - 1) < 0
    assert scenario.minute(first_ms) == 0
    assert scenario.minute(first_ms + 90_000) == 1.5
    assert scenario.minute(first_ms + 3 * regime.period_minutes * MINUTE_MS) == 0


def test_illiquid_is_over_three_hours_after_the_start() -> None:
    assert 35 + REGIMES["illiquid"].depth.points[-1][0] <= 3 * HOUR_MS / MINUTE_MS


def test_seeds_begin_at_different_times() -> None:
    begins = {Scenario(REGIMES["flash_crash"], seed=s, start_ms=0).first_ms for s in range(20)}
    assert len(begins) > 15


def test_the_same_rest_lies_over_the_market_before_and_after_a_run() -> None:
    scenario = Scenario(REGIMES["illiquid"], seed=1, start_ms=START_MS)
    rest = scenario.overlay(START_MS)
    assert scenario.overlay(scenario.first_ms + 121 * MINUTE_MS) is rest
    assert scenario.overlay(scenario.first_ms + 120 * MINUTE_MS).depth == 0.1
