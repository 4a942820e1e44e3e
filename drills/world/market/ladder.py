"""One side of a book outward from its touch."""

from decimal import Decimal
from typing import Final, final

from bot.domain.instrument import Instrument
from bot.domain.money import EXACT, Amount
from bot.domain.report import Level
from bot.domain.side import Side
from drills.world.market.grid import PriceGrid

__all__ = ["Ladder"]

# Ticks from the touch, and size as a multiple of it: as §4.3 has it, without its draws.
_RUNGS: Final = ((0, 1.0), (1, 1.5), (3, 2.25))
_STEPS_MAX: Final = 1_000_000


@final
class Ladder:
    """Builds the sides of one instrument's book, three levels each."""

    def __init__(self, instrument: Instrument) -> None:
        """Take tick schedule and amount step of the instrument."""
        self.grid: Final = PriceGrid(instrument.ticks)
        self._step = instrument.amount_step
        self._step_size = float(instrument.amount_step)

    def side(self, side: Side, *, touch: int, amount: float) -> tuple[Level, ...]:
        """Build a side; `touch` in counts of the finest tick. Prices at or below 0 are left out."""
        grid, sign = self.grid, -1 if side is Side.BUY else 1
        levels: list[Level] = []
        count, reached = touch, 0
        for ticks, multiple in _RUNGS:
            count = grid.away(count, sign=sign, ticks=ticks - reached)
            reached = ticks
            if count <= 0:
                break
            levels.append(Level(grid.price(count), self._amount(amount * multiple)))
        return tuple(levels)

    def _amount(self, wanted: float) -> Amount:
        steps = min(max(int(wanted / self._step_size), 1), _STEPS_MAX)
        return Amount(EXACT.multiply(self._step, Decimal(steps)))
