"""What the index has done lately: hourly closes, from which realised volatility is estimated."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bot.domain.instant import DAY_MS, HOUR_MS

__all__ = ["History", "biggest_move", "realised_vol", "remember"]

_HOURS_KEPT: Final = 10 * 24
_HOURS_MIN: Final = 24  # below a day of closes an estimate says nothing
_HOURS_PER_YEAR: Final = 365 * 24


@dataclass(frozen=True, slots=True)
class History:
    """The last price heard in each hour, oldest first, at most ten days of them."""

    closes: tuple[tuple[int, float], ...] = ()  # (hour since the epoch, price)


def remember(history: History, *, price: float, now_ms: int) -> History:
    """Fold an index price in."""
    hour = now_ms // HOUR_MS
    closes = history.closes
    if closes and closes[-1][0] == hour:
        closes = closes[:-1]
    return History(closes=(*closes, (hour, price))[-_HOURS_KEPT:])


def realised_vol(history: History) -> float | None:
    """Estimate the yearly volatility from hourly log returns; None with less than a day of them."""
    prices = [price for _, price in history.closes]
    if len(prices) <= _HOURS_MIN:
        return None
    returns = [math.log(after / before) for before, after in pairwise(prices)]
    mean_square = sum(step * step for step in returns) / len(returns)
    return math.sqrt(mean_square * _HOURS_PER_YEAR)


def biggest_move(history: History, *, now_ms: int) -> float | None:
    """Return the fraction between a day's lowest and highest close; None without two of them."""
    since = (now_ms - DAY_MS) // HOUR_MS
    prices = [price for hour, price in history.closes if hour >= since]
    if len(prices) <= 1:
        return None
    return max(prices) / min(prices) - 1
