"""The venue's calendar: 08:00 UTC, and what sort of expiry a date is."""

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS
from bot.domain.instrument import Instrument

__all__ = [
    "DELIVERY_WINDOW_MS",
    "PERPETUAL_EXPIRY_MS",
    "next_settlement",
    "settlement_before",
    "settlement_period",
]

PERPETUAL_EXPIRY_MS: Final = 32_503_708_800_000  # what the venue sends for "never" [cap]
DELIVERY_WINDOW_MS: Final = 30 * MINUTE_MS
_AT_MS: Final = 8 * HOUR_MS
_FRIDAY: Final = 4


def settlement_before(now_ms: int) -> int:
    """Return the last 08:00 UTC at or before an instant."""
    return (now_ms - _AT_MS) // DAY_MS * DAY_MS + _AT_MS


def next_settlement(now_ms: int) -> int:
    """Return the first 08:00 UTC after an instant."""
    return settlement_before(now_ms) + DAY_MS


def settlement_period(instrument: Instrument) -> str:
    """Say `day`, `week`, `month` or `perpetual`: a month's last Friday is its monthly expiry."""
    if instrument.expiry_ms is None:
        return "perpetual"
    day = datetime.fromtimestamp(instrument.expiry_ms / 1000, tz=UTC)
    if day.weekday() != _FRIDAY:
        return "day"
    return "month" if (day + timedelta(days=7)).month != day.month else "week"
