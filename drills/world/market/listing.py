"""Which options the world's exchange lists: few, and always some around the index."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from bot.domain.instant import DAY_MS, years_between
from bot.simulator.exchange.expiry import next_settlement
from bot.simulator.market.strikes import strike_step

__all__ = ["expiries_at", "strikes_at"]

_DAILIES: Final = 3
_WEEKLIES: Final = 2
_FRIDAY: Final = 4
# The grid of the project has four strikes to a deviation; so few strikes need a step of 0.75.
_STEP_FACTOR: Final = 3
_YEARS_MIN: Final = 1 / 365
_COARSE: Final = 2.2  # a weekly that has become a daily: its step is more than this times too wide
_STRIKES_MAX: Final = 12


def expiries_at(at_ms: int) -> tuple[int, ...]:
    """Return the expiries listed now, soonest first, all after `at_ms`.

    Three dailies, then the next two Fridays beyond them: 4 to 10 and 11 to 17 days ahead. A Friday
    becomes a daily without having been away.
    """
    first = next_settlement(at_ms)
    dailies = tuple(first + i * DAY_MS for i in range(_DAILIES))
    after = dailies[-1] + DAY_MS
    friday = after + (_FRIDAY - _weekday(after)) % 7 * DAY_MS
    return (*dailies, *(friday + 7 * i * DAY_MS for i in range(_WEEKLIES)))


def strikes_at(
    at_ms: int, *, price: float, known: Mapping[int, tuple[int, ...]]
) -> dict[int, tuple[int, ...]]:
    """Return the strikes by expiry: those known stay, new ones come where the index has gone."""
    expiries = expiries_at(at_ms)
    found: dict[int, tuple[int, ...]] = {}
    for place, expiry_ms in enumerate(expiries):
        years = max(years_between(at_ms, expiry_ms), _YEARS_MIN)
        step = strike_step(price, years=years * _STEP_FACTOR * _STEP_FACTOR)
        is_daily = place < _DAILIES
        before = known.get(expiry_ms, ())
        found[expiry_ms] = _more(before, price=price, step=step, is_daily=is_daily)
    return found


def _more(before: tuple[int, ...], *, price: float, step: int, is_daily: bool) -> tuple[int, ...]:
    if not before:
        return _first(price, step=step, is_daily=is_daily)
    own_step = min(b - a for a, b in pairwise(before))
    if is_daily and own_step > _COARSE * step:
        fresh = _first(price, step=step, is_daily=True)
    elif price >= before[-1]:
        above = int(price / step) + 1
        fresh = (step * above, step * (above + 1))
    elif price <= before[0]:
        below = max(math.ceil(price / step) - 1, 2)
        fresh = (step * (below - 1), step * below)
    else:
        return before
    found = tuple(sorted({*before, *fresh}))
    return found if len(found) <= _STRIKES_MAX else before


def _first(price: float, *, step: int, is_daily: bool) -> tuple[int, ...]:
    """Return three strikes of a daily, four of a weekly, with the index between them."""
    low, count = (round(price / step) - 1, 3) if is_daily else (int(price / step) - 1, 4)
    return tuple(step * (max(low, 1) + i) for i in range(count))


def _weekday(at_ms: int) -> int:
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).weekday()
