"""Prices and amounts as whole numbers of their smallest step: fast to reckon, exact to write."""

import math
from decimal import Decimal
from typing import Final, final

from bot.domain.money import EXACT, Price
from bot.domain.tick import TickSchedule

__all__ = ["PriceGrid"]

_DUST: Final = 1e-9  # a float that should be whole is taken as whole
_KEPT_MAX: Final = 50_000


@final
class PriceGrid:
    """A tick schedule of at most one step, in counts of its finest tick.

    Says the same as `TickSchedule`, and is several times faster: no Decimal is divided.
    """

    def __init__(self, ticks: TickSchedule) -> None:
        """Take the schedule; raises ValueError for one with more than one step."""
        if len(ticks.steps) > 1:
            raise ValueError(f"a grid has one step at most, the schedule had {len(ticks.steps)}")
        self._tick = ticks.tick
        self.size: Final = float(ticks.tick)
        self._edge, self._coarse = 1 << 62, 1
        for step in ticks.steps:
            self._edge = int(step.above_price / ticks.tick)
            self._coarse = int(step.tick / ticks.tick)
        self._prices: dict[int, Price] = {}

    def tick(self, count: int) -> int:
        """Return the tick that holds at a price, in counts."""
        return self._coarse if count > self._edge else 1

    def down(self, value: float) -> int:
        """Return the highest legal price at or below a value."""
        count = math.floor(value / self.size + _DUST)
        return count - count % self._coarse if count > self._edge else count

    def up(self, value: float) -> int:
        """Return the lowest legal price at or above a value."""
        return self._up(math.ceil(value / self.size - _DUST))

    def away(self, count: int, *, sign: int, ticks: int) -> int:
        """Return the price some ticks from a legal one, up or down by the sign."""
        for _ in range(ticks):
            count = self._up(count + 1) if sign > 0 else count - self.tick(count)
        return count

    def price(self, count: int) -> Price:
        """Write a price exactly."""
        found = self._prices.get(count)
        if found is None:
            if len(self._prices) >= _KEPT_MAX:
                self._prices.clear()
            found = self._prices[count] = Price(EXACT.multiply(self._tick, Decimal(count)))
        return found

    def _up(self, count: int) -> int:
        return count + -count % self._coarse if count > self._edge else count
