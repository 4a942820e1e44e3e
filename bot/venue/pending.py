"""Requests in flight, by id: replies come in any order (PROTOCOL §2)."""

from typing import Final, final

import trio

from bot.venue.reply import NoReply, NotSent, Reply

__all__ = ["IN_FLIGHT_MAX", "Pending", "Slot"]

IN_FLIGHT_MAX: Final = 64


@final
class Slot:
    """One request's place: filled once, by its reply or by the end of the connection."""

    def __init__(self) -> None:
        """Start empty, with nothing sent."""
        self.has_left = False  # set before the first byte: from then on silence is doubt
        self.filled = trio.Event()
        self.reply: Reply | None = None

    def fill(self, reply: Reply) -> None:
        """Keep the first reply; a second one changes nothing."""
        if self.reply is None:
            self.reply = reply
            self.filled.set()


@final
class Pending:
    """The bounded table of requests that wait for their reply."""

    def __init__(self) -> None:
        """Start with nothing in flight."""
        self._slots: dict[int, Slot] = {}

    def open(self, request_id: int) -> Slot | None:
        """Make a place, or None when IN_FLIGHT_MAX requests already wait."""
        if len(self._slots) >= IN_FLIGHT_MAX:
            return None
        slot = self._slots[request_id] = Slot()
        return slot

    def close(self, request_id: int) -> None:
        """Give a place back; a reply that still comes is unmatched."""
        del self._slots[request_id]

    def fill(self, request_id: int | str | None, *, reply: Reply) -> bool:
        """Hand a reply to who waits for it. False when nobody does, or not any more."""
        slot = self._slots.get(request_id) if isinstance(request_id, int) else None
        if slot is None or slot.reply is not None:
            return False
        slot.fill(reply)
        return True

    def fail_all(self, why: str) -> None:
        """End every wait: in doubt where a byte may have left, surely unsent elsewhere."""
        for slot in self._slots.values():
            slot.fill(NoReply(why=why) if slot.has_left else NotSent(why=why))
