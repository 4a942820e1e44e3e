"""What the market makers outside show: quotes around a mark, on the grid (DOMAIN §4.3)."""

import math
from decimal import Decimal
from random import Random
from typing import Final

from bot.domain.instant import DAY_MS
from bot.domain.instrument import Instrument
from bot.domain.money import EXACT, Amount, Price
from bot.domain.report import Level
from bot.domain.side import Side
from bot.pricing.black76 import Greeks
from bot.simulator.feed import Quotes
from bot.simulator.market.regime import Regime
from bot.simulator.market.spread_table import book_shape

__all__ = ["option_quotes", "straight_quotes"]

_LEVELS: Final = 5
_LEVEL_GROWTH: Final = 1.5
_SIZE_SD: Final = 0.8  # of the log
_BID_LACK_SHARE: Final = 0.8  # of books without a side, those without a bid (recorded: 518 of 611)
_STEPS_MAX: Final = 10_000_000


def option_quotes(
    instrument: Instrument,
    *,
    greeks: Greeks,
    sigma: float,
    forward: float,
    underlying_index: str,
    at_ms: int,
    regime: Regime,
    size_factor: float,
    lack_draw: float,
    draws: Random,
) -> Quotes:
    """Quote an option around its model value.

    `forward` USD; `lack_draw` in [0, 1) says whether the book lacks a side, and stays the same for
    hours, so that sides do not flicker. A bid that would be at or below 0 is absent.
    """
    days = ((instrument.expiry_ms or at_ms) - at_ms) / DAY_MS
    shape = book_shape(days=days, abs_delta=abs(greeks.delta))
    mark = Decimal(f"{max(greeks.price, 0.0):.6f}")
    wanted = Decimal(f"{shape.spread * regime.spread_factor / 2.0:.6f}")
    half = max(wanted, instrument.ticks.at(mark))
    size = shape.size * size_factor
    bids = _ladder(instrument, Side.BUY, touch=mark - half, size=size, draws=draws)
    asks = _ladder(instrument, Side.SELL, touch=mark + half, size=size, draws=draws)
    if lack_draw < shape.lack * _BID_LACK_SHARE:
        bids = ()
    elif lack_draw < shape.lack:
        asks = ()
    return Quotes(
        instrument=instrument.name,
        bids=bids,
        asks=asks,
        mark=mark,
        mark_iv=sigma,
        underlying=Decimal(f"{forward:.2f}"),
        underlying_index=underlying_index,
        greeks=greeks,
    )


def straight_quotes(
    instrument: Instrument, *, mark_usd: float, regime: Regime, draws: Random
) -> Quotes:
    """Quote a future or perpetual: the regime's number of ticks wide, with the mark inside."""
    mark = Decimal(f"{mark_usd:.2f}")
    tick = instrument.ticks.tick
    below = (regime.perpetual_ticks - 1) // 2 * tick
    bid = instrument.ticks.down(mark - below)
    ask = bid + regime.perpetual_ticks * tick
    low, high = (math.log(usd) for usd in regime.perpetual_usd)
    usd = math.exp(low + (high - low) * draws.random())
    size = usd if instrument.is_inverse else usd / mark_usd
    return Quotes(
        instrument=instrument.name,
        bids=_ladder(instrument, Side.BUY, touch=bid, size=size, draws=draws),
        asks=_ladder(instrument, Side.SELL, touch=ask, size=size, draws=draws),
        mark=mark,
    )


def _ladder(
    instrument: Instrument, side: Side, *, touch: Decimal, size: float, draws: Random
) -> tuple[Level, ...]:
    """Build one side outward from the touch, each level one to two ticks further and larger."""
    ticks = instrument.ticks
    price = ticks.toward_passive(touch, side)
    amount = size * math.exp(_SIZE_SD * draws.gauss(0.0, 1.0))
    levels: list[Level] = []
    for _ in range(_LEVELS):
        if price <= 0:
            break
        levels.append(Level(price, _amount(instrument, amount)))
        away = ticks.at(price) * draws.randint(1, 2)
        price = ticks.toward_passive(Price(price - side.sign * away), side)
        amount *= _LEVEL_GROWTH
    return tuple(levels)


def _amount(instrument: Instrument, wanted: float) -> Amount:
    step = instrument.amount_step
    count = min(int(wanted / float(step)), _STEPS_MAX)
    return Amount(max(instrument.amount_min, EXACT.multiply(step, Decimal(count))))
