"""Each regime does to the market what its row in DOMAIN §8.1 says."""

import math
from itertools import pairwise

import pytest

from bot.domain.instant import HOUR_MS, MINUTE_MS
from bot.domain.instrument import Instrument, OptionType
from bot.simulator.feed import Quotes
from drills.world.market.regimes import REGIMES
from tests.drills.world.market.stage import START_MS, Watched

MARKET_IDS = {
    "calm", "vol_spike", "illiquid", "wide_one_side", "flash_crash", "stuck_mark",
    "crossed_book", "expiry_pin", "funding_shock", "weekend_gap", "liq_cascade", "melt_up",
    "normal",
}  # fmt: skip


def begun(regime: str, **more: int) -> tuple[Watched, float]:
    """Return a market as its scenario begins, and the index at that time."""
    market = Watched(regime, **more)
    market.go_into(0)
    return market, market.index


def iv_at_the_money(market: Watched) -> float:
    """Return the lowest volatility of the last expiry: the smile's bottom."""
    rows = [(i, q) for i, q in market.options() if i.option_type is OptionType.PUT]
    last = max(i.expiry_ms or 0 for i, _ in rows)
    return min(q.mark_iv or 0.0 for i, q in rows if i.expiry_ms == last)


def spread(quotes: Quotes) -> float:
    return float(quotes.asks[0].price - quotes.bids[0].price)


def two_sided(market: Watched) -> list[Quotes]:
    return [q for _, q in market.options() if q.bids and q.asks]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def depth(market: Watched) -> float:
    return mean([float(q.asks[0].amount) for q in two_sided(market)])


def test_every_regime_of_a_market_has_a_row_under_its_own_name() -> None:
    assert set(REGIMES) == MARKET_IDS
    assert all(row.id == name for name, row in REGIMES.items())
    assert {name for name, row in REGIMES.items() if row.lasting_minutes == 0} == {"normal", "calm"}


@pytest.mark.parametrize("name", sorted(REGIMES))
def test_a_scenario_ends_where_it_began_before_it_comes_again(name: str) -> None:
    row = REGIMES[name]
    before, after = row.at(-1), row.at(row.period_minutes - 1e-9)
    assert before == after
    assert (before.shift, before.iv, before.spread, before.depth) == (0, 1, 1, 1)


def test_calm_moves_less_than_normal_at_a_lower_volatility() -> None:
    found = {}
    for name in ("calm", "normal"):
        market = Watched(name)
        logs = []
        for hour in range(1, 25):
            market.go_to(START_MS + hour * HOUR_MS, step_ms=HOUR_MS)
            logs.append(math.log(market.index))
        found[name] = mean([abs(b - a) for a, b in pairwise(logs)])
        assert iv_at_the_money(market) == pytest.approx({"calm": 0.4, "normal": 0.6}[name], 0.03)
    assert found["calm"] < 0.8 * found["normal"]


def test_vol_spike_more_than_doubles_volatility_in_two_minutes_and_halves_it_in_six_hours() -> None:
    market, begin = begun("vol_spike")
    calm_iv, calm_spread = iv_at_the_money(market), mean([spread(q) for q in two_sided(market)])
    market.go_into(120)
    assert iv_at_the_money(market) / calm_iv == pytest.approx(2.2, rel=0.02)
    assert market.index / begin == pytest.approx(0.94, abs=0.005)
    assert mean([spread(q) for q in two_sided(market)]) > 2 * calm_spread
    market.go_into(362 * 60, step_ms=MINUTE_MS)
    assert iv_at_the_money(market) / calm_iv == pytest.approx(1.6, rel=0.03)


def test_illiquid_takes_nine_tenths_of_the_depth_and_leaves_the_perpetual() -> None:
    market, _ = begun("illiquid")
    calm_depth, calm_spread = depth(market), mean([spread(q) for q in two_sided(market)])
    market.go_into(90 * 60)
    assert depth(market) < 0.2 * calm_depth
    assert mean([spread(q) for q in two_sided(market)]) > 3 * calm_spread
    assert spread(market.perpetual) == 0.5
    assert market.perpetual.asks[0].amount >= 50_000
    market.go_into(125 * 60)
    assert depth(market) > 0.5 * calm_depth


def test_wide_one_side_takes_the_bids_of_puts_out_of_the_money_for_twenty_minutes() -> None:
    market, _ = begun("wide_one_side")

    def bare() -> list[Instrument]:
        return [
            i
            for i, q in market.options()
            if i.option_type is OptionType.PUT
            and float(i.strike or 0) < market.index
            and not q.bids
        ]

    def out_of_the_money() -> int:
        puts = [i for i, _ in market.options() if i.option_type is OptionType.PUT]
        return sum(1 for i in puts if float(i.strike or 0) < market.index * 0.999)

    market.go_into(10 * 60)
    assert len(bare()) >= out_of_the_money() >= 5
    assert all(q.asks for _, q in market.options())
    calls = [q for i, q in market.options() if i.option_type is OptionType.CALL]
    assert sum(1 for q in calls if q.bids) >= len(calls) - 3
    market.go_into(20 * 60)
    assert len(bare()) < out_of_the_money() / 2


def test_flash_crash_falls_by_eighteen_per_cent_in_forty_seconds_and_comes_back_most_of_it() -> (
    None
):
    market, begin = begun("flash_crash")
    market.go_into(40, step_ms=1_000)
    assert market.index <= 0.83 * begin
    assert market.index >= 0.81 * begin
    assert float(market.perpetual.mark) == pytest.approx(0.78 * begin, rel=0.005)
    low = market.index
    market.go_into(120, step_ms=1_000)
    assert market.index / low == pytest.approx(1.14, abs=0.005)


def test_stuck_mark_holds_every_mark_while_books_follow_three_per_cent() -> None:
    market, begin = begun("stuck_mark")
    marks = {name: q.mark for name, q in market.quotes.items()}
    asks = {name: q.asks[0].price for name, q in market.quotes.items()}
    market.go_into(14 * 60 + 55)
    assert market.index / begin == pytest.approx(1.03, abs=0.005)
    alive = market.listed()
    known = [name for name in alive if name in marks]
    assert {name: market.quotes[name].mark for name in known} == {n: marks[n] for n in known}
    assert float(market.perpetual.bids[0].price) > 1.02 * float(market.perpetual.mark)
    assert sum(1 for name in known if market.quotes[name].asks[0].price != asks[name]) > 20
    market.go_into(15 * 60)
    assert all(market.quotes[name].mark != marks[name] for name in known)


def test_crossed_book_crosses_every_book_for_two_to_thirty_seconds() -> None:
    market, _ = begun("crossed_book")

    def crossed() -> int:
        return sum(q.bids[0].price >= q.asks[0].price for q in two_sided(market))

    market.go_into(59, step_ms=1_000)
    assert crossed() == 0
    lasted = {}
    for minute in (1, 4, 8, 13, 20):
        market.go_into(minute * 60 - 1, step_ms=5_000)
        count = 0
        for second in range(60):
            market.go_into(minute * 60 + second, step_ms=1_000)
            if crossed():
                assert crossed() == len(two_sided(market)) >= 30
                assert market.perpetual.bids[0].price > market.perpetual.asks[0].price
                count += 1
        lasted[minute] = count
    assert lasted == {1: 2, 4: 5, 8: 10, 13: 20, 20: 30}


def test_expiry_pin_holds_the_index_at_a_strike_through_the_delivery_window() -> None:
    begin_ms = START_MS + 7 * HOUR_MS + 30 * MINUTE_MS
    market = Watched("expiry_pin", start_ms=START_MS + 6 * HOUR_MS)
    market.go_to(begin_ms)
    expiring = {
        float(i.strike or 0)
        for i, _ in market.options()
        if i.expiry_ms == begin_ms + 30 * MINUTE_MS
    }
    strike = min(expiring, key=lambda k: abs(k - market.index))
    assert abs(market.index / strike - 1) <= 0.0011
    highs, lows = 0, 0
    for minute in range(1, 30, 2):
        market.go_to(begin_ms + minute * MINUTE_MS)
        away = market.index / strike - 1
        assert 0.0029 <= abs(away) <= 0.0051
        highs, lows = highs + (away > 0), lows + (away < 0)
    assert (highs, lows) == (8, 7)


def test_funding_shock_brings_the_rate_to_the_cap_and_keeps_it_there() -> None:
    market, _ = begun("funding_shock")
    assert abs(market.tick.funding_8h[market.perpetual.instrument]) < 0.002
    for hour in (1, 4, 8):
        market.go_into(hour * 3_600, step_ms=MINUTE_MS)
        assert market.tick.funding_8h[market.perpetual.instrument] == 0.005
        premium = float(market.perpetual.mark) / market.index - 1
        assert premium == pytest.approx(0.008, abs=0.002)


def test_weekend_gap_is_quiet_and_then_jumps_down_nine_per_cent() -> None:
    market, _ = begun("weekend_gap")
    market.go_into(60 * 60)
    before, calm_spread = market.index, mean([spread(q) for q in two_sided(market)])
    market.go_into(60 * 60 + 1)
    assert market.index / before == pytest.approx(0.91, abs=0.002)
    assert mean([spread(q) for q in two_sided(market)]) > 2 * calm_spread
    assert REGIMES["weekend_gap"].at(30).sigma == 0.6


def test_liq_cascade_falls_in_five_waves_with_hardly_anything_to_trade_with() -> None:
    market, begin = begun("liq_cascade")
    calm_iv, calm_depth = iv_at_the_money(market), depth(market)
    levels = [begin]
    for wave in range(5):
        market.go_into(wave * 80 + 20, step_ms=1_000)
        levels.append(market.index)
        held = market.index
        market.go_into(wave * 80 + 75)
        assert market.index / held == pytest.approx(1, abs=0.003)
    falls = [b / a for a, b in pairwise(levels)]
    assert falls == [pytest.approx(0.975, abs=0.003)] * 5
    assert spread(market.perpetual) == 20.0  # 40 ticks of 0.5
    assert market.perpetual.bids[0].amount <= 25_000
    assert depth(market) < 0.15 * calm_depth
    assert market.tick.funding_8h[market.perpetual.instrument] == -0.005
    assert iv_at_the_money(market) / calm_iv == pytest.approx(1.8, rel=0.05)


def test_melt_up_rises_by_a_fifth_in_six_hours_and_lifts_the_calls() -> None:
    market, begin = begun("melt_up")
    market.go_into(6 * 3_600, step_ms=30_000)
    assert market.index / begin == pytest.approx(1.22, abs=0.05)
    last = max(i.expiry_ms or 0 for i, _ in market.options())
    far = [
        (i, q)
        for i, q in market.options()
        if i.expiry_ms == last and i.option_type is OptionType.CALL
    ]
    ivs = {float(i.strike or 0): q.mark_iv or 0.0 for i, q in far}
    above = ivs[max(ivs)]
    below = min(ivs.values())
    assert above - below >= 0.05
