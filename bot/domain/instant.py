"""Times: milliseconds of the venue's clock since the epoch, UTC."""

from datetime import UTC, datetime
from typing import Final

__all__ = [
    "DAY_MS",
    "HOUR_MS",
    "MINUTE_MS",
    "YEAR_MS",
    "clock_text",
    "instant_of",
    "iso",
    "years_between",
]

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
YEAR_MS: Final = 365 * DAY_MS  # DOMAIN §1.4: ACT/365


def years_between(now_ms: int, then_ms: int) -> float:
    """Return the year fraction ACT/365; zero or below once `then` has come."""
    return (then_ms - now_ms) / YEAR_MS


def iso(at_ms: int) -> str:
    """Write an instant as `2026-11-25T11:31:07.204Z`."""
    at = datetime.fromtimestamp(at_ms // 1000, tz=UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def instant_of(at: datetime) -> int:
    """Return the milliseconds of a time that carries its zone; one without counts as UTC."""
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1_000)


def clock_text(at_ms: int) -> str:
    """Write the time of day as `11:31:07`."""
    return f"{datetime.fromtimestamp(at_ms // 1000, tz=UTC):%H:%M:%S}"
