"""One side of a book outward from its touch."""

from decimal import Decimal
from typing import Final, final

from bot.domain.instrument import Instrument
from bot.domain.money import EXACT, Amount
from bot.domain.report import Level
from bot.domain.side import Side
from drills.world.market.grid import PriceGrid

__all__ = ["Ladder"]

# Ticks from the level before, and size as a multiple of the touch: §4.3 without its draws.
_RUNGS: Final = ((0, 1.0), (1, 1.5), (2, 2.25))
_KEPT_MAX: Final = 16_384
_STEPS_MAX: Final = 1_000_000


@final
class Ladder:
    """Builds the sides of books, three levels each, of instruments that share ticks and steps."""

    def __init__(self, instrument: Instrument) -> None:
        """Take tick schedule and amount step of one of them."""
        self.grid: Final = PriceGrid(instrument.ticks)
        self._step = instrument.amount_step
        self._step_size = float(instrument.amount_step)
        # Books come back to the same touch and size again and again: most sides are found here.
        self._bids: dict[tuple[int, float], tuple[Level, ...]] = {}
        self._asks: dict[tuple[int, float], tuple[Level, ...]] = {}

    def side(self, side: Side, *, touch: int, amount: float) -> tuple[Level, ...]:
        """Return a side from a touch in counts of the finest tick; prices end above 0."""
        kept = self._bids if side is Side.BUY else self._asks
        key = (touch, amount)
        found = kept.get(key)
        if found is None:
            if len(kept) >= _KEPT_MAX:
                kept.clear()
            found = kept[key] = self._build(touch, amount, sign=-side.sign)
        return found

    def _build(self, touch: int, amount: float, *, sign: int) -> tuple[Level, ...]:
        grid = self.grid
        levels: list[Level] = []
        count = touch
        for ticks, multiple in _RUNGS:
            count = grid.away(count, sign=sign, ticks=ticks)
            if count <= 0:
                break
            levels.append(Level(grid.price(count), self._amount(amount * multiple)))
        return tuple(levels)

    def _amount(self, wanted: float) -> Amount:
        steps = min(max(int(wanted / self._step_size), 1), _STEPS_MAX)
        return Amount(EXACT.multiply(self._step, Decimal(steps)))
