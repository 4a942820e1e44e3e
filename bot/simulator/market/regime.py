"""How wild the modelled market is: the parameters of a regime (DOMAIN §4.1, §4.3)."""

import math
from dataclasses import dataclass
from typing import Final, final

__all__ = ["CALM", "NORMAL", "REGIMES", "STRESSED", "Regime"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One row of the tables. Rates are per year, volatilities fractions per root of a year."""

    name: str
    sigma: float  # σ₀ = √θ
    reversion: float  # k of the variance
    vol_of_variance: float  # ξ
    correlation: float  # ρ of index and variance
    jumps_per_year: float  # λ
    jump_mean: float  # μ_J, of the log price
    jump_sd: float  # δ_J
    basis: float  # b of the forward, per year
    premium_sd: float  # of the perpetual over the index
    spread_factor: float
    perpetual_ticks: int  # spread
    perpetual_usd: tuple[float, float]  # range of the size at the touch

    @property
    def jump_compensator(self) -> float:
        """κ = E[exp(J)] − 1, which the drift gives back so that the index stays a fair game."""
        return math.exp(self.jump_mean + self.jump_sd * self.jump_sd / 2.0) - 1.0


CALM: Final = Regime(
    name="calm", sigma=0.35, reversion=6.0, vol_of_variance=0.8, correlation=-0.2,
    jumps_per_year=12.0, jump_mean=-0.005, jump_sd=0.02, basis=0.06, premium_sd=4e-4,
    spread_factor=0.8, perpetual_ticks=1, perpetual_usd=(50e3, 500e3),
)  # fmt: skip
NORMAL: Final = Regime(
    name="normal", sigma=0.55, reversion=6.0, vol_of_variance=1.2, correlation=-0.3,
    jumps_per_year=40.0, jump_mean=-0.01, jump_sd=0.03, basis=0.06, premium_sd=4e-4,
    spread_factor=1.0, perpetual_ticks=1, perpetual_usd=(50e3, 500e3),
)  # fmt: skip
STRESSED: Final = Regime(
    name="stressed", sigma=1.00, reversion=10.0, vol_of_variance=3.0, correlation=-0.5,
    jumps_per_year=200.0, jump_mean=-0.03, jump_sd=0.05, basis=-0.05, premium_sd=30e-4,
    spread_factor=4.0, perpetual_ticks=20, perpetual_usd=(20e3, 20e3),
)  # fmt: skip

REGIMES: Final = {regime.name: regime for regime in (CALM, NORMAL, STRESSED)}
