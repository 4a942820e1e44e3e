"""Raw SVI: the total variance of one expiry as a function of log-moneyness.

Source: Gatheral & Jacquier 2014; DOMAIN §4.2.
"""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final, final

__all__ = ["GRID", "CalendarGap", "Svi", "SviFault", "calendar_gap", "faults", "min_g"]

GRID: Final = tuple(i / 100 for i in range(-150, 151))  # log-moneyness where laws are checked


class SviFault(Enum):
    """What can be wrong with a slice, in the order in which it is reported."""

    B_NEGATIVE = "B_NEGATIVE"
    RHO_RANGE = "RHO_RANGE"
    SIGMA_NOT_POSITIVE = "SIGMA_NOT_POSITIVE"
    VARIANCE_NEGATIVE = "VARIANCE_NEGATIVE"
    WING_SLOPE = "WING_SLOPE"
    BUTTERFLY = "BUTTERFLY"  # a negative density: some butterfly would be free


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Svi:
    """One slice: `w(k) = a + b(rho(k − m) + √((k − m)² + s²))`, with `k = ln(K/F)`.

    `w` is total variance, σ²T, without unit; `a` and `b` carry the level.
    """

    a: float
    b: float
    rho: float
    m: float
    s: float

    def variance(self, k: float) -> float:
        """Return w, the total variance at log-moneyness `k`."""
        x = k - self.m
        return self.a + self.b * (self.rho * x + math.sqrt(x * x + self.s * self.s))

    def slope(self, k: float) -> float:
        """Return w', the first derivative in `k`; 0/0 at the vertex of a slice with s = 0 is 0."""
        x = k - self.m
        root = math.sqrt(x * x + self.s * self.s)
        return self.b * (self.rho + (x / root if root else 0.0))

    def curvature(self, k: float) -> float:
        """Return w'', the second derivative in `k`; infinite at the vertex of s = 0."""
        x = k - self.m
        root = math.sqrt(x * x + self.s * self.s)
        return self.b * self.s * self.s / root**3 if root else math.inf

    def g(self, k: float) -> float:
        """Return g, whose sign is that of the risk-neutral density; −∞ where w is not above 0."""
        w = self.variance(k)
        if not w > 0.0:
            return -math.inf
        w1 = self.slope(k)
        first = 1.0 - k * w1 / (2.0 * w)
        return first * first - w1 * w1 / 4.0 * (1.0 / w + 0.25) + self.curvature(k) / 2.0

    def vol(self, k: float, *, years: float) -> float:
        """Return the volatility as a fraction; raises ValueError without life or variance."""
        w = self.variance(k)
        if not (years > 0.0 and w >= 0.0):
            raise ValueError(f"no volatility for w = {w} over {years} years")
        return math.sqrt(w / years)

    def scaled(self, factor: float) -> "Svi":
        """Multiply every total variance by a factor: volatility moves by its root."""
        return Svi(a=self.a * factor, b=self.b * factor, rho=self.rho, m=self.m, s=self.s)


@final
@dataclass(frozen=True, slots=True)
class CalendarGap:
    """The smallest `w_far − w_near` on the grid, and where; below 0 a calendar would be free."""

    gap: float
    k: float

    @property
    def is_free_of_arbitrage(self) -> bool:
        """True when the later expiry never has less total variance."""
        return self.gap >= 0.0


def faults(slice_: Svi, *, grid: tuple[float, ...] = GRID) -> tuple[SviFault, ...]:
    """Return what is wrong with a slice; empty when it is free of butterfly arbitrage.

    A parameter that is not finite counts as every fault of range.
    """
    a, b, rho, s = slice_.a, slice_.b, slice_.rho, slice_.s
    if not all(math.isfinite(x) for x in (a, b, rho, slice_.m, s)):
        return tuple(SviFault)
    found: list[SviFault] = []
    if b < 0.0:
        found.append(SviFault.B_NEGATIVE)
    if abs(rho) >= 1.0:
        found.append(SviFault.RHO_RANGE)
    if s <= 0.0:
        found.append(SviFault.SIGMA_NOT_POSITIVE)
    if a + b * s * math.sqrt(max(1.0 - rho * rho, 0.0)) < 0.0:
        found.append(SviFault.VARIANCE_NEGATIVE)
    if b * (1.0 + abs(rho)) > 2.0:
        found.append(SviFault.WING_SLOPE)
    if min_g(slice_, grid=grid) < 0.0:
        found.append(SviFault.BUTTERFLY)
    return tuple(found)


def min_g(slice_: Svi, *, grid: tuple[float, ...] = GRID) -> float:
    """Return the lowest g on the grid."""
    return min(slice_.g(k) for k in grid)


def calendar_gap(near: Svi, *, far: Svi, grid: tuple[float, ...] = GRID) -> CalendarGap:
    """Compare two expiries at every log-moneyness of the grid."""
    gap, k = min((far.variance(k) - near.variance(k), k) for k in grid)
    return CalendarGap(gap, k)
