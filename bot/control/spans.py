"""How instants and durations are written for people: UTC, short, two units at most."""

from typing import Final

__all__ = ["clock_of", "duration_text", "since_text"]

_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_DAY_MS: Final = 86_400_000


def duration_text(span_ms: int, *, coarse: bool = False) -> str:
    """Write a duration as `6 s`, `3 m`, `2 h 11 m` or `1 d 20 h`; coarse keeps the first unit."""
    seconds = max(span_ms, 0) // 1000
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} m"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h" if coarse or not minutes else f"{hours} h {minutes} m"
    days, hours = divmod(hours, 24)
    return f"{days} d" if coarse or not hours else f"{days} d {hours} h"


def clock_of(at: str) -> str:
    """Return the time of day of `2026-11-25T11:31:07.204Z`: `11:31:07`."""
    return at[11:19]


def since_text(at: str, *, age_ms: int) -> str:
    """Write an instant for the first line; one older than a day carries its date."""
    if age_ms < _DAY_MS:
        return f"{clock_of(at)} UTC"
    return f"{int(at[8:10])} {_MONTHS[int(at[5:7]) - 1]} {at[11:16]} UTC"
