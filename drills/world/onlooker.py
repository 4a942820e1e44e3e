"""Who may look on while a run goes its way, besides the invariants."""

from typing import Protocol, final

from bot.core.state import State
from bot.simulator.exchange.record import LogEntry

__all__ = ["Nobody", "Onlooker"]


class Onlooker(Protocol):
    """Hears of what has happened, and changes nothing."""

    def turned(self, before: State, after: State, /) -> None:
        """Hear of a turn of the engine that changed its state."""
        ...

    def sent(self, label: str, /) -> None:
        """Hear of an order whose first byte is about to leave."""
        ...

    def stepped(self) -> None:
        """Hear that something outside of the engine has taken its turn."""
        ...

    def at_venue(self, entries: tuple[LogEntry, ...], /) -> None:
        """Hear of what is new in the exchange's own log of our orders."""
        ...


@final
class Nobody:
    """Looks at nothing."""

    def turned(self, _before: State, _after: State, /) -> None:
        """Hear of nothing."""

    def sent(self, _label: str, /) -> None:
        """Hear of nothing."""

    def stepped(self) -> None:
        """Hear of nothing."""

    def at_venue(self, _entries: tuple[LogEntry, ...], /) -> None:
        """Hear of nothing."""
