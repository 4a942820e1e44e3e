"""The outside's book of the perpetual."""

from decimal import Decimal
from random import Random
from typing import Final, final

from bot.domain.instant import HOUR_MS
from bot.domain.instrument import Instrument
from bot.domain.side import Side
from bot.simulator.feed import Quotes
from bot.simulator.market.funding import funding_8h
from bot.simulator.market.regime import Regime
from bot.simulator.market.reversion import revert
from drills.world.market.ladder import Ladder
from drills.world.market.regime import Overlay

__all__ = ["PerpetualBook"]

_PREMIUM_HALF_LIFE_MS: Final = 2 * HOUR_MS
_FUNDING_CAP: Final = 0.005


@final
class PerpetualBook:
    """Keeps the perpetual's own premium over the index, and what was quoted last."""

    def __init__(self, instrument: Instrument, *, regime: Regime, index: float) -> None:
        """Open a book that shows nothing yet, at no premium over an index in USD."""
        self.instrument: Final = instrument
        self.quotes: Quotes | None = None
        self.shown_ms = 0
        self.funding_8h = 0.0
        self._ladder = Ladder(instrument)
        self._regime = regime
        self._wander = 0.0
        self._mark = index

    def move(self, *, index: float, overlay: Overlay, lasting_ms: int, draws: Random) -> None:
        """Go on to a new index: premium, mark and funding."""
        self._wander = revert(
            self._wander,
            half_life_ms=_PREMIUM_HALF_LIFE_MS,
            sd=self._regime.premium_sd,
            lasting_ms=lasting_ms,
            draws=draws,
        )
        premium = self._wander + overlay.premium
        self._mark = index * (1.0 + premium)
        rate = funding_8h(premium) + overlay.funding
        self.funding_8h = min(max(rate, -_FUNDING_CAP), _FUNDING_CAP)

    def is_due(self) -> bool:
        """Say whether the mark has moved by half a tick from the one quoted."""
        before = self.quotes
        return before is None or abs(self._mark - float(before.mark)) >= self._ladder.grid.size / 2

    def requote(self, at_ms: int, *, overlay: Overlay, share: float) -> Quotes:
        """Quote with the mark inside, the scenario's number of ticks wide.

        `share` in [0, 1] places the size at the touch in the regime's range.
        """
        grid = self._ladder.grid
        ticks = max(round(overlay.perpetual_ticks), 1)
        bid = grid.down(self._mark) - (ticks - 1) // 2
        ask = bid + ticks
        if overlay.is_crossed:
            bid = ask + 1
        low, high = self._regime.perpetual_usd
        # The square puts small books before large ones, as the log-uniform sizes of §4.3 do.
        amount = (low + (high - low) * share * share) * overlay.perpetual_depth
        before = self.quotes
        live = Decimal(round(self._mark * 100.0)).scaleb(-2)
        self.quotes = Quotes(
            instrument=self.instrument.name,
            bids=self._ladder.side(Side.BUY, touch=bid, amount=amount),
            asks=self._ladder.side(Side.SELL, touch=ask, amount=amount),
            mark=before.mark if overlay.has_frozen_marks and before is not None else live,
        )
        self.shown_ms = at_ms
        return self.quotes
