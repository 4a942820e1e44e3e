"""The index of the world: it moves by itself, and by what the scenario lays over it."""

import math
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Final, final

from bot.simulator.market.index_path import IndexState, step_index
from bot.simulator.market.regime import Regime
from drills.world.market.history import CentHistory
from drills.world.market.regime import Overlay

__all__ = ["WorldIndex"]

_PIN_NOISE: Final = 0.001  # of the log price, how far a pinned index strays from its strike


@final
class WorldIndex:
    """Its price in USD, and what it has been in the last hour."""

    def __init__(self, regime: Regime, *, start_usd: float, at_ms: int, draws: Random) -> None:
        """Begin at a price, with nothing laid over it."""
        self.price = start_usd
        self._regime = regime
        self._draws = draws
        self._at_ms = at_ms
        self._cents = round(start_usd * 100.0)
        self._own = IndexState(math.log(start_usd), regime.sigma * regime.sigma)
        self._pin: tuple[float, float] | None = None  # log of the strike, of the index back then
        self._history = CentHistory(at_ms, cents=self._cents)

    @property
    def shown(self) -> Decimal:
        """The price as the exchange shows it, to the cent."""
        return Decimal(self._cents).scaleb(-2)

    def mean(self, from_ms: int, to_ms: int) -> Decimal:
        """Return the time-weighted mean, exactly, to the cent."""
        return self._history.mean(from_ms, to_ms)

    def jump(self, share: float) -> None:
        """Be so much higher at the next move, a fraction, and stay so."""
        self._own = IndexState(self._own.ln_price + math.log1p(share), self._own.variance)

    def move(self, at_ms: int, *, overlay: Overlay, strikes: Sequence[int]) -> None:
        """Go on to a later time in one step; `strikes` are those that a pin may choose from."""
        before = self._own
        after = step_index(
            before,
            regime=self._regime,
            at_ms=self._at_ms,
            lasting_ms=at_ms - self._at_ms,
            draws=self._draws,
        )
        moved = (after.ln_price - before.ln_price) * overlay.sigma
        self._own = IndexState(before.ln_price + moved, after.variance)
        self._at_ms = at_ms
        self.price = math.exp(self._pinned(overlay.pin, strikes=strikes) + overlay.shift)
        self._cents = round(self.price * 100.0)
        self._history.note(at_ms, cents=self._cents)

    def _pinned(self, hold: float, *, strikes: Sequence[int]) -> float:
        """Draw the log price to the strike that was nearest when the pin began to hold."""
        ln_price = self._own.ln_price
        if hold <= 0.0:
            self._pin = None
            return ln_price
        if self._pin is None:
            price = math.exp(ln_price)
            strike = min(strikes, key=lambda strike: (abs(strike - price), strike))
            self._pin = (math.log(strike), ln_price)
        ln_strike, ln_begin = self._pin
        stray = min(max(ln_price - ln_begin, -_PIN_NOISE), _PIN_NOISE)
        return (1.0 - hold) * ln_price + hold * (ln_strike + stray)
