"""What the options of one expiry have in common at one instant."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, final

from drills.world.market.regime import Overlay

__all__ = ["Outlook"]

_SMILE: Final = 0.06  # of the level, at one deviation from the forward
_DEVIATIONS_MAX: Final = 3.0
_ROOT_MIN: Final = 1e-4  # of a year: under a second of life the deviations would overflow


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Forward in USD, life in years, level of volatility, and what the scenario lays over it."""

    at_ms: int
    forward: float
    years: float
    level: float  # volatility at the money
    underlying: Decimal
    underlying_index: str
    delta_weight: float  # what is left of a delta inside the delivery window
    overlay: Overlay

    def sigma(self, ln_strike: float) -> float:
        """Return the volatility of a strike: higher the further from the forward, either way."""
        root = max(math.sqrt(max(self.years, 0.0)), _ROOT_MIN)
        deviations = (ln_strike - math.log(self.forward)) / (self.level * root)
        x = min(max(deviations, -_DEVIATIONS_MAX), _DEVIATIONS_MAX)
        skew = self.overlay.call_skew * min(max(x, 0.0), 1.0)
        return self.level * (1.0 + _SMILE * x * x) + skew
