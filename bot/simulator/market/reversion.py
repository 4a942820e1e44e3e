"""A value that wanders and is pulled back to zero: basis noise, premium, level of volatility."""

import math
from random import Random

__all__ = ["revert"]


def revert(value: float, *, half_life_ms: int, sd: float, lasting_ms: int, draws: Random) -> float:
    """Move an Ornstein-Uhlenbeck value over any step, exactly; `sd` is its long-run deviation."""
    kept: float = 0.5 ** (lasting_ms / half_life_ms)
    return value * kept + sd * math.sqrt(1.0 - kept * kept) * draws.gauss(0.0, 1.0)
