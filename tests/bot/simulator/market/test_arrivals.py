"""Trades of strangers."""

import math
from decimal import Decimal
from random import Random

import pytest

from bot.domain.instrument import Instrument, OptionType
from bot.domain.money import Amount, Price
from bot.domain.report import Level
from bot.domain.side import Side
from bot.simulator.feed import OutsideTrade, Quotes
from bot.simulator.market.arrivals import (
    Excitement,
    happens,
    option_rate,
    outside_trade,
    straight_rate,
)
from bot.simulator.market.specification import COINS, future, inverse_perpetual, option

BTC = COINS[0]
CALL = option(BTC, expiry_ms=1_774_598_400_000, strike=Decimal(70_000), option_type=OptionType.CALL)


def _level(price: str, amount: str) -> Level:
    return Level(Price(Decimal(price)), Amount(Decimal(amount)))


QUOTES = Quotes(
    instrument=CALL.name,
    bids=(_level("0.0315", "5"), _level("0.0310", "10"), _level("0.0300", "20")),
    asks=(_level("0.0325", "5"), _level("0.0330", "10"), _level("0.0340", "20")),
    mark=Decimal("0.032"),
)


def _sample(instrument: Instrument, quotes: Quotes, count: int) -> list[OutsideTrade]:
    draws = Random(17)  # noqa: S311  # a sample, not a secret
    found = (
        outside_trade(instrument, quotes=quotes, size_factor=1.0, draws=draws) for _ in range(count)
    )
    return [trade for trade in found if trade is not None]


@pytest.mark.parametrize(
    ("abs_delta", "per_hour"), [(0.5, 3.0), (0.2, 1.0), (0.1, 0.2), (0.9, 0.2), (0.65, 3.0)]
)
def test_the_money_is_where_the_trades_are(abs_delta: float, per_hour: float) -> None:
    assert option_rate(abs_delta) == per_hour


def test_perpetuals_trade_twice_a_second() -> None:
    assert straight_rate(inverse_perpetual(BTC)) == 2 * 3600
    assert straight_rate(future(BTC, expiry_ms=1_774_598_400_000)) == 60


def test_chance_of_a_step_follows_the_rate() -> None:
    draws = Random(19)  # noqa: S311  # a sample, not a secret
    count = sum(happens(7_200.0, lasting_ms=100, draws=draws) for _ in range(20_000))
    chance = 1 - math.exp(-0.2)
    assert abs(count / 20_000 - chance) < 4 * math.sqrt(chance * (1 - chance) / 20_000)


def test_most_trades_stop_at_the_touch_and_few_go_deep() -> None:
    trades = _sample(CALL, QUOTES, 20_000)
    buys = [t for t in trades if t.side is Side.BUY]
    share = {
        price: sum(t.price_limit == Decimal(price) for t in buys) / len(buys)
        for price in ("0.0325", "0.0330", "0.0340")
    }
    assert share == pytest.approx({"0.0325": 0.85, "0.0330": 0.12, "0.0340": 0.03}, abs=0.015)
    assert abs(len(buys) / len(trades) - 0.5) < 0.015


def test_trades_are_on_the_grid_and_within_what_is_shown() -> None:
    shown = {Decimal("0.0325"): 5, Decimal("0.0330"): 15, Decimal("0.0340"): 35}
    for trade in _sample(CALL, QUOTES, 2_000):
        assert trade.amount % Decimal("0.1") == 0
        assert trade.amount >= Decimal("0.1")
        if trade.side is Side.BUY:
            assert trade.amount <= shown[trade.price_limit]


def test_nobody_takes_from_an_empty_side() -> None:
    only_bids = Quotes(instrument=CALL.name, bids=QUOTES.bids, asks=(), mark=QUOTES.mark)
    trades = _sample(CALL, only_bids, 200)
    assert trades
    assert all(trade.side is Side.SELL for trade in trades)


def test_a_trade_excites_for_half_a_minute() -> None:
    once = Excitement.after_trade(None, at_ms=0)
    assert once == Excitement(0.5, 0)
    assert once.later(30_000) == Excitement(0.25, 30_000)
    assert Excitement.after_trade(once, at_ms=30_000) == Excitement(0.75, 30_000)
    assert once.later(600_000) is None
