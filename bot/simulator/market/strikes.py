"""Which strikes an expiry has: a grid around the index, wider with more life."""

import math
from typing import Final

__all__ = ["first_strikes", "more_strikes", "strike_step"]

_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_STEP_IN_DEVIATIONS: Final = 0.25
_GRID_VOL: Final = 0.42  # about at the money; the grid need not follow the market
_SIDE: Final = 8  # strikes on each side of the middle: 17 in all
_SIDE_MIN: Final = 5  # fewer than this beyond the index: list more
_STRIKES_MAX: Final = 41  # an expiry lists no more, however far the index goes


def strike_step(price: float, *, years: float) -> int:
    """Return the distance of strikes in USD, a round number, at least 1."""
    wanted = max(_STEP_IN_DEVIATIONS * _GRID_VOL * math.sqrt(years) * price, 1.0)
    power = 10.0 ** math.floor(math.log10(wanted))
    nice = next(n for n in _NICE if n * power >= wanted * (1.0 - 1e-12))
    return math.ceil(nice * power)


def first_strikes(price: float, *, years: float) -> tuple[int, ...]:
    """Return the strikes of a new expiry, ascending, around the index at listing."""
    step = strike_step(price, years=years)
    middle = round(price / step)
    return tuple(step * i for i in range(max(middle - _SIDE, 1), middle + _SIDE + 1))


def more_strikes(strikes: tuple[int, ...], *, price: float) -> tuple[int, ...]:
    """Return the strikes with what the index has made necessary; those listed stay listed."""
    step = strikes[1] - strikes[0]
    found = list(strikes)
    while len(found) < _STRIKES_MAX and found[0] > step and found[_SIDE_MIN - 1] > price:
        found.insert(0, found[0] - step)
    while len(found) < _STRIKES_MAX and found[-_SIDE_MIN] < price:
        found.append(found[-1] + step)
    return tuple(found)
