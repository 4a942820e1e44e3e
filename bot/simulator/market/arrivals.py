"""Trades of strangers: how often, which way, how large, how deep (DOMAIN §4.4)."""

import math
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final, final

from bot.domain.instant import HOUR_MS
from bot.domain.instrument import Instrument, Kind
from bot.domain.money import EXACT
from bot.domain.report import Level
from bot.domain.side import Side
from bot.simulator.feed import OutsideTrade, Quotes

__all__ = ["Excitement", "happens", "option_rate", "outside_trade", "straight_rate"]

_SIZE_SD: Final = 1.2  # of the log
_OPTION_MEDIAN_COIN: Final = 1.0
_STRAIGHT_MEDIAN_USD: Final = 2_000.0
_AT_TOUCH: Final = 0.85
_ONE_MORE: Final = 0.97  # 12 % beyond the touch sweep one more level
_BLOCK_FACTOR: Final = 10.0
_EXCITES_BY: Final = 0.5  # of the base rate, each trade
_HALF_LIFE_MS: Final = 30_000
_NEGLIGIBLE: Final = 0.01
_PERPETUAL_PER_HOUR: Final = 7_200.0
_LINEAR_PER_HOUR: Final = 1_800.0
_FUTURE_PER_HOUR: Final = 60.0


@final
@dataclass(frozen=True, slots=True)
class Excitement:
    """How much recent trades add to a book's rate, in base rates, as of a time."""

    level: float
    at_ms: int

    def later(self, at_ms: int) -> "Excitement | None":
        """Return what is left of it, or None when that no longer matters."""
        left = self.level * 0.5 ** ((at_ms - self.at_ms) / _HALF_LIFE_MS)
        return Excitement(left, at_ms) if left >= _NEGLIGIBLE else None

    @staticmethod
    def after_trade(before: "Excitement | None", *, at_ms: int) -> "Excitement":
        """Return the excitement that a trade leaves behind."""
        left = before.later(at_ms) if before is not None else None
        return Excitement((left.level if left is not None else 0.0) + _EXCITES_BY, at_ms)


def option_rate(abs_delta: float) -> float:
    """Return the base rate of trades per hour of an option book."""
    if 0.35 <= abs_delta <= 0.65:
        return 3.0
    return 1.0 if 0.15 <= abs_delta < 0.35 else 0.2


def straight_rate(instrument: Instrument) -> float:
    """Return the rate of trades per hour of a perpetual or dated future."""
    if instrument.kind is Kind.FUTURE:
        return _FUTURE_PER_HOUR
    return _PERPETUAL_PER_HOUR if instrument.is_inverse else _LINEAR_PER_HOUR


def happens(rate_per_hour: float, *, lasting_ms: int, draws: Random) -> bool:
    """Draw whether a trade comes in a step; a step has one trade of a book at most."""
    return draws.random() < -math.expm1(-rate_per_hour * lasting_ms / HOUR_MS)


def outside_trade(
    instrument: Instrument, *, quotes: Quotes, size_factor: float, draws: Random
) -> OutsideTrade | None:
    """Draw one trade against the quotes shown; None when that side shows nothing."""
    side = Side.BUY if draws.random() < 0.5 else Side.SELL
    levels = quotes.asks if side is Side.BUY else quotes.bids
    if not levels:
        return None
    if instrument.kind is Kind.OPTION:
        median = _OPTION_MEDIAN_COIN * size_factor
    elif instrument.is_inverse:
        median = _STRAIGHT_MEDIAN_USD
    else:
        median = _STRAIGHT_MEDIAN_USD / float(quotes.mark)
    size = median * math.exp(_SIZE_SD * draws.gauss(0.0, 1.0))
    depth = draws.random()
    if depth < _AT_TOUCH:
        limit, cap = levels[0], _sum(levels[:1])
    elif depth < _ONE_MORE:
        limit, cap = levels[:2][-1], _sum(levels[:2])
        size += float(levels[0].amount)
    else:
        limit, cap = levels[:3][-1], _sum(levels[:3])
        size *= _BLOCK_FACTOR
    step = instrument.amount_step
    amount = EXACT.multiply(step, Decimal(int(min(size, float(cap)) / float(step))))
    return OutsideTrade(
        instrument=instrument.name,
        side=side,
        price_limit=limit.price,
        amount=max(amount, instrument.amount_min),
    )


def _sum(levels: tuple[Level, ...]) -> Decimal:
    return sum((level.amount for level in levels), Decimal(0))
