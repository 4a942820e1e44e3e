"""A volatility surface: SVI slices in order of expiry, and what lies between them."""

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import final

from bot.pricing.svi import GRID, Svi, SviFault, calendar_gap, faults

__all__ = ["Slice", "Surface", "SurfaceFault"]


@final
@dataclass(frozen=True, slots=True)
class Slice:
    """An SVI slice and its life in years, ACT/365."""

    years: float
    svi: Svi


@final
@dataclass(frozen=True, slots=True)
class SurfaceFault:
    """What breaks a surface: a slice's own faults, or a calendar (far variance below near)."""

    years: float
    slice_faults: tuple[SviFault, ...]
    is_calendar: bool


@final
@dataclass(frozen=True, slots=True)
class Surface:
    """Slices by rising life, at least one. Raises ValueError when built otherwise.

    Between slices total variance is linear in time at fixed log-moneyness; before the first it
    scales with time; after the last the volatility stays flat. Source: DOMAIN §4.2.
    """

    slices: tuple[Slice, ...]

    def __post_init__(self) -> None:
        """Check the order."""
        lives = [0.0, *(slice_.years for slice_ in self.slices)]
        if len(lives) < 2 or any(b <= a for a, b in pairwise(lives)):
            raise ValueError(f"lives must rise from above 0, were {lives[1:]}")

    def variance(self, k: float, *, years: float) -> float:
        """Return total variance at log-moneyness `k` after `years`; 0 without life."""
        if years <= 0.0:
            return 0.0
        slices = self.slices
        at = bisect_left(slices, years, key=_years_of)
        if at == 0:
            return slices[0].svi.variance(k) * years / slices[0].years
        if at == len(slices):
            return slices[-1].svi.variance(k) * years / slices[-1].years
        near, far = slices[at - 1], slices[at]
        weight = (years - near.years) / (far.years - near.years)
        return (1.0 - weight) * near.svi.variance(k) + weight * far.svi.variance(k)

    def vol(self, k: float, *, years: float) -> float:
        """Return the volatility as a fraction; without life that of the shortest moment."""
        if years <= 0.0:
            return self.slices[0].svi.vol(k, years=self.slices[0].years)
        return math.sqrt(self.variance(k, years=years) / years)

    def faults(self, *, grid: tuple[float, ...] = GRID) -> tuple[SurfaceFault, ...]:
        """Return every arbitrage found on the grid, by slice and by neighbouring pair."""
        found: list[SurfaceFault] = []
        before: Svi | None = None
        for slice_ in self.slices:
            own = faults(slice_.svi, grid=grid)
            is_calendar = before is not None and not (
                calendar_gap(before, far=slice_.svi, grid=grid).is_free_of_arbitrage
            )
            if own or is_calendar:
                found.append(SurfaceFault(slice_.years, own, is_calendar))
            before = slice_.svi
        return tuple(found)


def _years_of(slice_: Slice) -> float:
    return slice_.years
