"""The forward of an expiry: basis on top of the index, and the average that it becomes."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from bot.domain.instant import DAY_MS, MINUTE_MS, YEAR_MS
from bot.simulator.market.regime import Regime

__all__ = ["delta_weight", "forward_usd"]

_WINDOW_MS: Final = 30 * MINUTE_MS  # before expiry the index is averaged for delivery
_NOISE_TAPER_MS: Final = 7 * DAY_MS  # basis noise dies out as the forward becomes the index


def forward_usd(
    index: float,
    *,
    expiry_ms: int,
    at_ms: int,
    regime: Regime,
    noise: float,
    mean: Callable[[int, int], Decimal],
) -> float:
    """Return the forward in USD; inside the delivery window, the expected delivery price.

    `noise` is in log; `mean(from_ms, to_ms)` is asked for the average so far inside the window.
    Source: DOMAIN §4.1, §1.4.
    """
    left_ms = expiry_ms - at_ms
    if left_ms >= _WINDOW_MS:
        taper = min(left_ms / _NOISE_TAPER_MS, 1.0)
        return index * math.exp(regime.basis * left_ms / YEAR_MS + noise * taper)
    weight = delta_weight(expiry_ms=expiry_ms, at_ms=at_ms)
    so_far = float(mean(expiry_ms - _WINDOW_MS, min(at_ms, expiry_ms)))
    return so_far * (1.0 - weight) + index * weight


def delta_weight(*, expiry_ms: int, at_ms: int) -> float:
    """Return how much of an expiring delta is left: 1 until the window, then down to 0."""
    return min(max((expiry_ms - at_ms) / _WINDOW_MS, 0.0), 1.0)
