"""The funding rate of a perpetual (DOMAIN §3.5)."""

from typing import Final

__all__ = ["funding_8h"]

_DEAD_BAND: Final = 0.00025
_CAP: Final = 0.005


def funding_8h(premium: float) -> float:
    """Return the rate per 8 hours at a premium of mark over index; positive = longs pay."""
    rate = max(_DEAD_BAND, premium) + min(-_DEAD_BAND, premium)
    return min(max(rate, -_CAP), _CAP)
