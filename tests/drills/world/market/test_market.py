"""The market is a function of its seed, and shows nothing that the exchange could not show."""

import math
import os
import subprocess
import sys
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.ids import IndexName
from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS, years_between
from bot.domain.instrument import Kind
from bot.pricing.black76 import price_coin
from bot.simulator.market.regime import NORMAL
from drills.world.market import REGIMES, WorldMarket
from tests.drills.world.market.stage import PERPETUAL, START_MS, Watched

_PRINTED = """
from tests.drills.world.market.test_market import fingerprint
print(fingerprint("flash_crash", seed=5))
"""


def fingerprint(regime: str, *, seed: int) -> str:
    """Digest everything that a market says in three hours that cross an expiry."""
    begin_ms = START_MS + 6 * HOUR_MS
    market = WorldMarket(seed=seed, start_ms=begin_ms, regime=REGIMES[regime], step_ms=1_000)
    found = sha256()
    for at_ms in range(begin_ms, begin_ms + 3 * HOUR_MS, 30_000):
        found.update(repr(market.advance(at_ms)).encode())
        if at_ms % HOUR_MS == 0:
            found.update(repr(market.instruments(at_ms)).encode())
    return found.hexdigest()


def test_the_same_seed_gives_the_same_ticks_and_another_one_others() -> None:
    first = fingerprint("liq_cascade", seed=5)
    assert fingerprint("liq_cascade", seed=5) == first
    assert fingerprint("liq_cascade", seed=6) != first


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_process_with_another_hash_seed_gives_the_same_ticks(hash_seed: str) -> None:
    made = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", _PRINTED],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert made.stdout.strip() == fingerprint("flash_crash", seed=5)


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(sorted(REGIMES)),
    st.integers(0, 1_000),
    st.lists(st.integers(100, 20 * MINUTE_MS), min_size=5, max_size=40),
)
def test_quotes_lie_on_the_grid_and_are_uncrossed_unless_the_scenario_crosses_them(
    regime: str, seed: int, gaps_ms: list[int]
) -> None:
    market = Watched(regime, seed=seed)
    for gap_ms in gaps_ms:
        market.go_to(market.now_ms + gap_ms, step_ms=gap_ms)
        listed = market.listed()
        for quotes in market.tick.quotes:
            instrument = listed[quotes.instrument]
            assert 1 <= len(quotes.asks) <= 3
            for levels, sign in ((quotes.bids, -1), (quotes.asks, 1)):
                prices = [level.price for level in levels]
                assert prices == sorted(set(prices), key=lambda price: sign * price)
                for level in levels:
                    assert level.price > 0
                    assert instrument.ticks.is_legal(level.price)
                    assert level.amount >= instrument.amount_min
                    assert level.amount % instrument.amount_step == 0
            if quotes.bids and regime != "crossed_book":
                assert quotes.bids[0].price < quotes.asks[0].price
            assert quotes.mark >= 0
            assert (quotes.greeks is not None) == (instrument.kind is Kind.OPTION)
        for trade in market.tick.trades:
            assert trade.amount >= listed[trade.instrument].amount_min
            assert trade.amount % listed[trade.instrument].amount_step == 0


def test_every_instrument_is_confirmed_each_five_seconds() -> None:
    market = Watched("normal")
    assert set(market.quotes) == set(market.listed())
    last = dict.fromkeys(market.quotes, START_MS)
    for second in range(1, 120):
        market.go_to(START_MS + second * 1_000, step_ms=1_000)
        last.update((quotes.instrument, market.now_ms) for quotes in market.tick.quotes)
        assert min(last.values()) > market.now_ms - 5_000


def test_marks_stay_within_a_tick_of_black_76_at_the_index_of_the_moment() -> None:
    market = Watched("normal", start_ms=START_MS + 6 * HOUR_MS)
    for _ in range(300):
        market.go_to(market.now_ms + 5_000)
        for instrument, quotes in market.options():
            assert instrument.option_type is not None
            years = years_between(market.now_ms, instrument.expiry_ms or 0)
            price = price_coin(
                instrument.option_type,
                forward=market.index * math.exp(NORMAL.basis * years),
                strike=float(instrument.strike or 0),
                years=years,
                sigma=quotes.mark_iv or 0.0,
            )
            assert isinstance(price, float)
            mark = float(quotes.mark)
            assert abs(price - mark) <= float(instrument.ticks.at(quotes.mark))
            assert float(quotes.asks[0].price) > mark
            assert all(float(level.price) < mark for level in quotes.bids)


def test_nothing_happens_within_a_step_or_at_an_earlier_time() -> None:
    market = Watched("normal")
    market.go_to(START_MS + 10_000)
    before = market.tick
    for at_ms in (market.now_ms, market.now_ms + 999, START_MS):
        tick = market.feed.advance(at_ms)
        assert (tick.quotes, tick.trades) == ((), ())
        assert (tick.at_ms, tick.indices) == (before.at_ms, before.indices)
    assert market.feed.advance(market.now_ms + 1_000).at_ms == START_MS + 11_000


def test_a_gap_of_a_month_is_crossed_in_one_step() -> None:
    market = Watched("normal")
    market.go_to(START_MS + 30 * DAY_MS, step_ms=30 * DAY_MS)
    assert market.tick.at_ms == START_MS + 30 * DAY_MS
    assert {quotes.instrument for quotes in market.tick.quotes} == set(market.listed())
    assert 20_000 < market.index < 180_000


def test_options_vanish_at_their_expiry_and_others_come() -> None:
    market = Watched("normal")
    eight_ms = START_MS + 8 * HOUR_MS
    market.go_to(eight_ms - 1, step_ms=MINUTE_MS)
    before = set(market.listed())
    expiring = {n for n, i in market.listed().items() if i.expiry_ms == eight_ms}
    assert len(expiring) >= 6
    market.go_to(eight_ms)  # 1 ms later, less than a step: an expiry does not wait
    after = set(market.listed())
    assert not expiring & after
    assert before - expiring <= after
    fresh = after - before
    assert len(fresh) >= 6
    assert fresh <= {quotes.instrument for quotes in market.tick.quotes}
    assert 30 <= len(after) <= 80
    assert PERPETUAL in after


def test_index_mean_is_that_of_the_prices_shown() -> None:
    market = Watched("flash_crash")
    market.go_into(-60, step_ms=1_000)
    begin_ms, cents = market.now_ms, []
    for _ in range(1_800):
        cents.append(round(market.index * 100))
        market.go_to(market.now_ms + 1_000, step_ms=1_000)
    mean = market.feed.index_mean(IndexName("btc_usd"), begin_ms, market.now_ms)
    assert abs(float(mean) * 100 - sum(cents) / len(cents)) <= 0.5 + 1e-6
    with pytest.raises(ValueError, match="no index"):
        market.feed.index_mean(IndexName("eth_usd"), begin_ms, market.now_ms)


def test_a_save_names_what_the_market_was_made_from() -> None:
    market = Watched("melt_up", seed=3)
    before = market.feed.save()
    market.go_to(START_MS + MINUTE_MS)
    assert market.feed.save() == before
    assert before == (
        b'{"confirm_ms":5000,"regime":"melt_up","seed":3,"start_ms":1795564800000,"step_ms":1000}'
    )


def test_steps_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="above 0"):
        WorldMarket(seed=1, start_ms=0, regime=REGIMES["normal"], step_ms=0)


def test_numpy_stays_away() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import sys, drills.world.market; print('numpy' in sys.modules)"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert made.stdout.strip() == "False"
