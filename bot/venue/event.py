"""What a session tells while it lives. The sink takes each at once and must not block."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.report import Report

__all__ = [
    "Connected",
    "Disconnected",
    "Garbled",
    "Missing",
    "Protected",
    "Reported",
    "Sink",
    "Subscribed",
    "Unmatched",
    "VenueEvent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """Authenticated and protected; calls go out from now. `epoch` counts connections from 1."""

    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """The venue confirms that it cancels this connection's orders when it breaks (PROTOCOL §14)."""

    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A channel that was asked for and is not had."""

    channel: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """Channels that this connection now carries; reading the truth may begin after the first."""

    epoch: int
    channels: tuple[str, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """The connection is gone, or could not be had: then `epoch` is still the last one's."""

    epoch: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One thing that a notification said."""

    epoch: int
    channel: str
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbled:
    """A message that could not be taken; `channel` where it could be read."""

    epoch: int
    channel: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """An answer nobody waits for: late, repeated or without an id. An anomaly, never ignored."""

    epoch: int
    request_id: int | str | None


VenueEvent = Connected | Disconnected | Garbled | Protected | Reported | Subscribed | Unmatched
Sink = Callable[[VenueEvent], None]
