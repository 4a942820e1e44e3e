"""The modelled market as the exchange sees it."""

import hashlib
import os
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.domain.ids import IndexName
from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS
from bot.domain.instrument import Instrument, Kind
from bot.simulator.feed import Feed, MarketTick, Quotes
from bot.simulator.market.fault import BadSaveError
from bot.simulator.market.modelled import ModelledMarket
from bot.simulator.market.regime import STRESSED

START_MS = 1_768_392_000_000  # 2026-01-14T12:00Z, a Wednesday
EXPIRY_MS = START_MS + 20 * HOUR_MS
BTC_USD = IndexName("btc_usd")


def _market(*, seed: int = 7, start_ms: int = START_MS) -> ModelledMarket:
    return ModelledMarket(seed=seed, start_ms=start_ms)


def _run(market: ModelledMarket, *, from_ms: int, to_ms: int, every_ms: int) -> list[MarketTick]:
    return [market.advance(at_ms) for at_ms in range(from_ms, to_ms + 1, every_ms)]


def _by_name(market: ModelledMarket, at_ms: int) -> dict[str, Instrument]:
    return {i.name: i for i in market.instruments(at_ms)}


def test_it_opens_with_what_the_specification_asks_for() -> None:
    market: Feed = _market()
    listed = market.instruments(START_MS)
    tick = market.advance(START_MS)
    assert tick.indices == {
        "btc_usd": Decimal("60000.00"),
        "btc_usdc": Decimal("60000.00"),
        "eth_usd": Decimal("3000.00"),
        "eth_usdc": Decimal("3000.00"),
    }
    assert [q.instrument for q in tick.quotes] == [i.name for i in listed]
    for coin in ("BTC", "ETH"):
        own = [i for i in listed if i.base == coin]
        options = [i for i in own if i.kind is Kind.OPTION]
        lives = {(i.expiry_ms or 0) - START_MS for i in options}
        assert len(lives) >= 6
        assert any(21 * DAY_MS <= life <= 45 * DAY_MS for life in lives)
        assert len([i for i in own if i.kind is Kind.FUTURE]) == 2
    names = {i.name for i in listed}
    assert {"BTC-PERPETUAL", "ETH-PERPETUAL", "BTC_USDC-PERPETUAL", "ETH_USDC-PERPETUAL"} <= names
    assert set(tick.funding_8h) == {n for n in names if n.endswith("PERPETUAL")}


def _check(quotes: Quotes, instrument: Instrument) -> None:
    for levels, sign in ((quotes.bids, -1), (quotes.asks, 1)):
        prices = [level.price for level in levels]
        assert prices == sorted(set(prices), key=lambda p: sign * p)
        assert all(p > 0 and instrument.ticks.is_legal(p) for p in prices)
        assert all(level.amount % instrument.amount_step == 0 for level in levels)
        assert all(level.amount >= instrument.amount_min for level in levels)
    if quotes.bids:
        assert quotes.bids[0].price <= quotes.mark
    if quotes.asks:
        assert quotes.asks[0].price >= quotes.mark
    if quotes.bids and quotes.asks:
        assert quotes.bids[0].price < quotes.asks[0].price


def test_quotes_are_legal_uncrossed_and_around_the_mark() -> None:
    market = _market()
    by_name = _by_name(market, START_MS)
    ticks = _run(market, from_ms=START_MS, to_ms=START_MS + MINUTE_MS, every_ms=100)
    for tick in ticks:
        for quotes in tick.quotes:
            _check(quotes, by_name[quotes.instrument])
        for trade in tick.trades:
            instrument = by_name[trade.instrument]
            assert instrument.ticks.is_legal(trade.price_limit)
            assert trade.amount >= instrument.amount_min
            assert trade.amount % instrument.amount_step == 0


def test_marks_hold_no_free_money_between_strikes() -> None:
    market = _market()
    by_name = _by_name(market, START_MS)
    marks: dict[tuple[str, int, str], list[tuple[Decimal, Decimal]]] = {}
    for quotes in market.advance(START_MS).quotes:
        instrument = by_name[quotes.instrument]
        if instrument.strike is not None and instrument.option_type is not None:
            key = (instrument.base, instrument.expiry_ms or 0, instrument.option_type.value)
            marks.setdefault(key, []).append((instrument.strike, quotes.mark))
    rounding = Decimal("0.000002")
    for (_, _, which), points in marks.items():
        points.sort()
        falling = [mark if which == "call" else -mark for _, mark in points]
        assert all(b <= a + rounding for a, b in pairwise(falling))
        for (k1, m1), (k2, m2), (k3, m3) in zip(points, points[1:], points[2:], strict=False):
            assert (m2 - m1) / (k2 - k1) <= (m3 - m2) / (k3 - k2) + rounding / (k2 - k1)


def test_the_path_does_not_depend_on_how_often_it_is_asked() -> None:
    often, seldom = _market(), _market()
    end_ms = START_MS + 20_000
    _run(often, from_ms=START_MS, to_ms=end_ms, every_ms=37)
    _run(seldom, from_ms=START_MS, to_ms=end_ms, every_ms=4_000)
    often.advance(end_ms)
    assert often.save() == seldom.save()


def test_a_longer_call_carries_the_last_quotes_and_every_trade() -> None:
    often, seldom = _market(), _market()
    end_ms = START_MS + 5_000
    ticks = _run(often, from_ms=START_MS, to_ms=end_ms, every_ms=100)
    tick = seldom.advance(end_ms)
    assert tick.trades == tuple(trade for each in ticks for trade in each.trades)
    last = {quotes.instrument: quotes for each in ticks for quotes in each.quotes}
    assert {quotes.instrument: quotes for quotes in tick.quotes} == last


def test_a_restored_market_goes_on_along_the_same_path() -> None:
    straight = _market()
    _run(straight, from_ms=START_MS, to_ms=START_MS + 15_000, every_ms=100)
    saved = straight.save()
    restored = ModelledMarket(seed=0, start_ms=0, saved=saved)
    assert restored.save() == saved
    middle_ms = START_MS + 15_000
    first = restored.advance(middle_ms)
    assert len(first.quotes) == len(restored.instruments(middle_ms))
    for at_ms in range(middle_ms + 100, middle_ms + 10_000, 100):
        assert restored.advance(at_ms) == straight.advance(at_ms)
    assert restored.save() == straight.save()


def test_time_never_goes_back() -> None:
    market = _market()
    market.advance(START_MS + 1_000)
    saved = market.save()
    tick = market.advance(START_MS)
    assert (tick.at_ms, tick.quotes, tick.trades) == (START_MS + 1_000, (), ())
    assert market.save() == saved


_PROGRAM = f"""
import hashlib
from bot.simulator.market.modelled import ModelledMarket
market = ModelledMarket(seed=7, start_ms={START_MS})
digest = hashlib.sha256()
for at_ms in range({START_MS}, {START_MS + 8_000}, 100):
    digest.update(repr(market.advance(at_ms)).encode())
digest.update(market.save())
print(digest.hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_the_same_seed_gives_the_same_bytes_in_any_process(hash_seed: str) -> None:
    market = _market()
    digest = hashlib.sha256()
    for at_ms in range(START_MS, START_MS + 8_000, 100):
        digest.update(repr(market.advance(at_ms)).encode())
    digest.update(market.save())
    answer = subprocess.run(  # noqa: S603  # our own interpreter and text
        [sys.executable, "-c", _PROGRAM],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
        text=True,
    )
    assert answer.stdout.strip() == digest.hexdigest()


def test_other_seeds_give_other_paths() -> None:
    paths = {market.advance(START_MS + 5_000).indices[BTC_USD] for market in map(_seeded, range(5))}
    assert len(paths) == 5


def _seeded(seed: int) -> ModelledMarket:
    return _market(seed=seed)


def test_an_expiry_is_lived_through() -> None:
    market = _market(start_ms=EXPIRY_MS - 2_000)
    before = _by_name(market, EXPIRY_MS - 2_000)
    ending = {n for n, i in before.items() if i.expiry_ms == EXPIRY_MS}
    assert ending
    tick = market.advance(EXPIRY_MS - 1_000)
    shown = [q for q in tick.quotes if q.instrument in ending]
    assert shown
    assert {q.underlying_index for q in shown} == {"SYN.EXPIRY"}
    assert all(q.greeks is not None and abs(q.greeks.delta) < 0.002 for q in shown)
    ticks = _run(market, from_ms=EXPIRY_MS, to_ms=EXPIRY_MS + 3_000, every_ms=100)
    assert not any(q.instrument in ending for each in ticks for q in each.quotes)
    after = _by_name(market, EXPIRY_MS + 3_000)
    assert ending.isdisjoint(after)
    new = set(after) - set(before)
    assert new
    assert {after[name].expiry_ms for name in new} == {EXPIRY_MS + 2 * DAY_MS}
    assert new <= {q.instrument for each in ticks for q in each.quotes}


def test_an_index_that_is_not_there_has_no_mean() -> None:
    with pytest.raises(ValueError, match="no index"):
        _market().index_mean(IndexName("sol_usd"), 0, 1)


def test_a_long_gap_is_crossed_in_few_steps() -> None:
    market = _market()
    market.advance(START_MS)
    end_ms = START_MS + 9 * DAY_MS
    tick = market.advance(end_ms)
    assert tick.at_ms == end_ms
    listed = market.instruments(end_ms)
    assert all((i.expiry_ms or end_ms + 1) > end_ms for i in listed)
    assert {q.instrument for q in tick.quotes} == {i.name for i in listed}
    for quotes in tick.quotes:
        _check(quotes, {i.name: i for i in listed}[quotes.instrument])
    market.index_mean(BTC_USD, EXPIRY_MS - 30 * MINUTE_MS, EXPIRY_MS)


def test_a_stressed_market_stays_sane() -> None:
    market = ModelledMarket(seed=3, start_ms=START_MS, regime=STRESSED)
    by_name = _by_name(market, START_MS)
    for at_ms in range(START_MS, START_MS + 20_000, 1_000):
        for quotes in market.advance(at_ms).quotes:
            _check(quotes, by_name[quotes.instrument])


def test_quotes_come_at_the_rates_of_the_specification() -> None:
    market = _market()
    market.advance(START_MS)
    seconds = 120
    count: dict[str, int] = {}
    trades: dict[str, int] = {}
    for at_ms in range(START_MS + 100, START_MS + seconds * 1_000 + 1, 100):
        tick = market.advance(at_ms)
        for quotes in tick.quotes:
            count[quotes.instrument] = count.get(quotes.instrument, 0) + 1
        for trade in tick.trades:
            trades[trade.instrument] = trades.get(trade.instrument, 0) + 1
    # 600 an hour are 20 in two minutes, plus those that followed a move of half a tick
    assert 20 <= count["BTC-30JAN26-60000-C"] <= 60
    expected = seconds * 2 * 0.906  # one trade a step at most: (1 − e^−0.2) / 0.2
    assert abs(trades["BTC-PERPETUAL"] - expected) < 4 * expected**0.5


@pytest.mark.parametrize(
    ("saved", "why"),
    [
        (b"", "truncated"),
        (b"{}", "missing required field"),
        (b'{"version":2,"seed":1,"regime":"normal","step":1,"coins":[]}', "version is 2"),
        (b'{"version":1,"seed":1,"regime":"wild","step":1,"coins":[]}', "regime 'wild'"),
        (b'{"version":1,"seed":1,"regime":"normal","step":1,"coins":[]}', "other coins"),
    ],
)
def test_bytes_of_something_else_are_refused(saved: bytes, why: str) -> None:
    with pytest.raises(BadSaveError, match=why):
        ModelledMarket(seed=1, start_ms=START_MS, saved=saved)
