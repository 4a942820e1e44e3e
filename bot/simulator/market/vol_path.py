"""How the volatility surface moves with the index (DOMAIN §4.2)."""

import math
from dataclasses import dataclass
from random import Random
from typing import Final, final

from bot.domain.instant import DAY_MS
from bot.pricing.surface import Slice, Surface
from bot.pricing.svi import Svi
from bot.simulator.market.reversion import revert

__all__ = ["CALM_SHOCK", "VolShock", "VolState", "base_surface", "moved", "step_vol"]

_DAYS_PER_YEAR: Final = 365.0
_REFERENCE_DAYS: Final = 30.0
_BETA_FALL: Final = 1.5
_BETA_RISE: Final = 0.5
_ANCHOR_HALF_LIFE_MS: Final = DAY_MS
_NOISE_HALF_LIFE_MS: Final = 30 * DAY_MS
_VOL_OF_VOL: Final = 0.8  # ν, of 30 days, per root of a year
# The long-run deviation at which a pulled-back noise moves by ν over short times.
_NOISE_SD: Final = _VOL_OF_VOL / math.sqrt(
    2.0 * math.log(2.0) * DAY_MS * _DAYS_PER_YEAR / _NOISE_HALF_LIFE_MS
)
_LN_LEVEL_MAX: Final = 1.0
# Laws of the surface are checked here on each move: five slices, every second.
_MOVE_GRID: Final = tuple(i / 20 for i in range(-30, 31))

_DEFAULT_SLICES: Final = (
    (1, Svi(a=0.00030, b=0.0060, rho=-0.10, m=0.000, s=0.030)),
    (7, Svi(a=0.0015, b=0.0220, rho=-0.15, m=0.005, s=0.080)),
    (30, Svi(a=0.0060, b=0.0500, rho=-0.20, m=0.010, s=0.150)),
    (90, Svi(a=0.0200, b=0.1000, rho=-0.20, m=0.020, s=0.250)),
    (180, Svi(a=0.0450, b=0.1500, rho=-0.18, m=0.030, s=0.350)),
)


@final
@dataclass(frozen=True, slots=True)
class VolShock:
    """What has moved a surface: the index's return against its anchor, and noise, both in log."""

    index_return: float
    noise: float


@final
@dataclass(frozen=True, slots=True)
class VolState:
    """The slow anchor of the log index, and the noise of the level."""

    ln_anchor: float
    noise: float


CALM_SHOCK: Final = VolShock(0.0, 0.0)


def base_surface(variance_factor: float) -> Surface:
    """Return the default surface of BTC, its total variance multiplied by a factor."""
    return Surface(
        tuple(
            Slice(days / _DAYS_PER_YEAR, svi.scaled(variance_factor))
            for days, svi in _DEFAULT_SLICES
        )
    )


def step_vol(state: VolState, *, ln_price: float, lasting_ms: int, draws: Random) -> VolState:
    """Let the anchor follow the index and the noise wander."""
    kept: float = 0.5 ** (lasting_ms / _ANCHOR_HALF_LIFE_MS)
    return VolState(
        ln_anchor=ln_price + (state.ln_anchor - ln_price) * kept,
        noise=revert(
            state.noise,
            half_life_ms=_NOISE_HALF_LIFE_MS,
            sd=_NOISE_SD,
            lasting_ms=lasting_ms,
            draws=draws,
        ),
    )


def moved(base: Surface, *, shock: VolShock) -> Surface | None:
    """Return the surface after a shock, or None when that would break a law of §4.2.

    `Δln σ(T) = −β·r·(30d/T)^0.5 + noise`. The return is taken against a slow anchor and not step
    by step: with a steeper answer to falls than to rises, ten steps a second would add up to a
    volatility that climbs without end, whatever the index does.
    """
    slices = []
    for slice_ in base.slices:
        level = _ln_level(shock, days=slice_.years * _DAYS_PER_YEAR)
        slices.append(Slice(slice_.years, slice_.svi.scaled(math.exp(2.0 * level))))
    found = Surface(tuple(slices))
    return None if found.faults(grid=_MOVE_GRID) else found


def _ln_level(shock: VolShock, *, days: float) -> float:
    beta = _BETA_FALL if shock.index_return < 0.0 else _BETA_RISE
    level = -beta * shock.index_return * math.sqrt(_REFERENCE_DAYS / days) + shock.noise
    return min(max(level, -_LN_LEVEL_MAX), _LN_LEVEL_MAX)
