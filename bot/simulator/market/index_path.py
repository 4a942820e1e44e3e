"""The index: diffusion with jumps and clustering variance (DOMAIN §4.1)."""

import math
from dataclasses import dataclass
from random import Random
from typing import Final, final

from bot.domain.instant import DAY_MS, HOUR_MS, YEAR_MS
from bot.simulator.market.regime import Regime

__all__ = ["IndexState", "move", "season", "step_index"]

_JUMPS_MAX: Final = 50  # in one step; the chance of more is nil at any step that is taken
_VARIANCE_MAX: Final = 25.0  # 500 % volatility: the diffusion is not meant to run away
_WEEKEND_FACTOR: Final = 0.7
_BUSY_FACTOR: Final = 1.3
_BUSY_HOURS: Final = range(13, 16)  # UTC
_EPOCH_WEEKDAY: Final = 3  # 1970-01-01 was a Thursday; Monday is 0


@final
@dataclass(frozen=True, slots=True)
class IndexState:
    """The log of the price in USD, and the variance per year."""

    ln_price: float
    variance: float

    @property
    def price(self) -> float:
        """USD per coin."""
        return math.exp(self.ln_price)


def step_index(
    state: IndexState, *, regime: Regime, at_ms: int, lasting_ms: int, draws: Random
) -> IndexState:
    """Move the index over one step that begins at `at_ms`.

    Always takes its draws in the same order. Source: DOMAIN §4.1.
    """
    dt = lasting_ms / YEAR_MS
    z = draws.gauss(0.0, 1.0)
    other = draws.gauss(0.0, 1.0)
    jumps = _jumps(regime, dt, draws)
    variance = max(state.variance, 0.0)
    sigma = math.sqrt(variance) * season(at_ms)
    rho = regime.correlation
    shock = rho * z + math.sqrt(1.0 - rho * rho) * other
    pull = regime.reversion * (regime.sigma * regime.sigma - variance) * dt
    push = regime.vol_of_variance * math.sqrt(variance * dt) * shock
    return IndexState(
        ln_price=state.ln_price + move(sigma, regime=regime, dt=dt, z=z) + jumps,
        variance=min(max(variance + pull + push, 0.0), _VARIANCE_MAX),
    )


def move(sigma: float, *, regime: Regime, dt: float, z: float) -> float:
    """Return the change of the log price without jumps: drift and diffusion over `dt` years."""
    drift = -sigma * sigma / 2.0 - regime.jumps_per_year * regime.jump_compensator
    return drift * dt + sigma * math.sqrt(dt) * z


def season(at_ms: int) -> float:
    """Return the factor on volatility of this hour and weekday, UTC."""
    is_weekend = (at_ms // DAY_MS + _EPOCH_WEEKDAY) % 7 >= 5
    is_busy = at_ms // HOUR_MS % 24 in _BUSY_HOURS
    return (_WEEKEND_FACTOR if is_weekend else 1.0) * (_BUSY_FACTOR if is_busy else 1.0)


def _jumps(regime: Regime, dt: float, draws: Random) -> float:
    """Sum the log jumps of a Poisson count, drawn by inversion."""
    rate = regime.jumps_per_year * dt
    left = draws.random()
    chance = math.exp(-rate)
    total = 0.0
    for count in range(1, _JUMPS_MAX + 1):
        left -= chance
        if left < 0.0:
            break
        total += draws.gauss(regime.jump_mean, regime.jump_sd)
        chance *= rate / count
    return total
