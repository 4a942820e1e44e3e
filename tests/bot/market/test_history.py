"""What the index has done lately (DOMAIN §9.1: realised volatility of ten days, move of a day)."""

import math

import pytest

from bot.domain.instant import HOUR_MS
from bot.market.history import History, biggest_move, realised_vol, remember


def walked(prices: list[float], *, first_hour: int = 1000) -> History:
    history = History()
    for hour, price in enumerate(prices, start=first_hour):
        history = remember(history, price=price, now_ms=hour * HOUR_MS)
    return history


def test_the_last_price_of_an_hour_is_its_close() -> None:
    history = remember(walked([60000.0]), price=60100.0, now_ms=1000 * HOUR_MS + HOUR_MS - 1)
    assert history.closes == ((1000, 60100.0),)
    history = remember(history, price=60200.0, now_ms=1001 * HOUR_MS)
    assert history.closes == ((1000, 60100.0), (1001, 60200.0))


def test_ten_days_of_closes_are_kept() -> None:
    history = walked([float(price) for price in range(60000, 60300)])
    assert len(history.closes) == 240
    assert history.closes[0] == (1060, 60060.0)


def test_steps_of_one_size_have_that_size_as_volatility() -> None:
    # Up and down by e^0.01 each hour: 0.01 · √8760 a year.
    prices = [60000.0 * math.exp(0.01 * (hour % 2)) for hour in range(25)]
    assert realised_vol(walked(prices)) == pytest.approx(0.01 * math.sqrt(8760), rel=1e-12)


def test_less_than_a_day_of_returns_says_nothing() -> None:
    assert realised_vol(walked([60000.0] * 24)) is None
    assert realised_vol(walked([60000.0] * 25)) == 0.0


def test_a_days_move_is_between_its_ends() -> None:
    now_ms = 1030 * HOUR_MS
    history = walked([60000.0] * 31)
    assert biggest_move(history, now_ms=now_ms) == 0.0
    moved = remember(walked([60000.0] * 29), price=62400.0, now_ms=1029 * HOUR_MS)
    assert biggest_move(moved, now_ms=now_ms) == pytest.approx(0.04)


def test_a_move_more_than_a_day_ago_is_past() -> None:
    history = walked([30000.0, *[60000.0] * 30])
    assert biggest_move(history, now_ms=1024 * HOUR_MS) == pytest.approx(1.0)
    assert biggest_move(history, now_ms=1025 * HOUR_MS) == 0.0


def test_one_close_is_no_move() -> None:
    assert biggest_move(walked([60000.0]), now_ms=1000 * HOUR_MS) is None
    assert biggest_move(History(), now_ms=0) is None
