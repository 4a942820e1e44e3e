"""Which expiries the exchange lists at a moment: always 08:00 UTC (DOMAIN §1.4)."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from bot.domain.instant import DAY_MS, HOUR_MS

__all__ = ["expiry_ms", "future_expiries", "option_expiries"]

_EXPIRY_HOUR: Final = 8
_FRIDAY: Final = 4
_DAILIES: Final = 2
# Four, so that the last lies 21 to 28 days ahead: strategies of a month always find one.
_WEEKLIES: Final = 4
_MONTH_ENDS: Final = 2
_QUARTER_ENDS: Final = 2
_QUARTER_MONTHS: Final = (3, 6, 9, 12)


def expiry_ms(day: date) -> int:
    """Return the instant of expiry on a day."""
    return int(datetime(day.year, day.month, day.day, _EXPIRY_HOUR, tzinfo=UTC).timestamp()) * 1000


def option_expiries(at_ms: int) -> tuple[int, ...]:
    """Return the option expiries listed now, soonest first: all after `at_ms`.

    Two dailies, four weeklies, the next two month ends and the next two quarter ends; those that
    fall on one day are one expiry.
    """
    first = _first_day(at_ms)
    days = {first + timedelta(days=i) for i in range(_DAILIES)}
    friday = first + timedelta(days=(_FRIDAY - first.weekday()) % 7)
    days |= {friday + timedelta(weeks=i) for i in range(_WEEKLIES)}
    days |= set(_month_ends(first, count=_MONTH_ENDS, months=tuple(range(1, 13))))
    days |= set(_month_ends(first, count=_QUARTER_ENDS, months=_QUARTER_MONTHS))
    return tuple(expiry_ms(day) for day in sorted(days))


def future_expiries(at_ms: int) -> tuple[int, ...]:
    """Return the expiries of the dated futures: the next two quarter ends."""
    first = _first_day(at_ms)
    ends = _month_ends(first, count=_QUARTER_ENDS, months=_QUARTER_MONTHS)
    return tuple(expiry_ms(day) for day in ends)


def _first_day(at_ms: int) -> date:
    """Return the day of the next expiry strictly after this instant."""
    shifted = at_ms - _EXPIRY_HOUR * HOUR_MS
    return datetime.fromtimestamp(shifted // DAY_MS * DAY_MS // 1000, tz=UTC).date() + timedelta(1)


def _month_ends(first: date, *, count: int, months: tuple[int, ...]) -> tuple[date, ...]:
    """Return the next last Fridays of such months, from `first` on."""
    found: list[date] = []
    year, month = first.year, first.month
    while len(found) < count:
        next_month = date(year + month // 12, month % 12 + 1, 1)
        last = next_month - timedelta(days=1)
        last_friday = last - timedelta(days=(last.weekday() - _FRIDAY) % 7)
        if month in months and last_friday >= first:
            found.append(last_friday)
        year, month = next_month.year, next_month.month
    return tuple(found)
