"""Who is at the other end: one WebSocket connection, or one HTTP request."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, final

from bot.simulator.auth import Grant

__all__ = ["OUTBOX_BYTES_MAX", "Peer"]

# A reader that is this far behind is dropped (`connection_too_slow`): about ten seconds of the
# fullest feed that one engine subscribes to.
OUTBOX_BYTES_MAX: Final = 32 * 1024 * 1024


@final
@dataclass(slots=True, eq=False)
class Peer:
    """The state of a connection; `wake` tells its writer that the outbox has something."""

    id: str
    is_socket: bool
    wake: Callable[[], None]
    grant: Grant | None = None
    cod_enabled: bool | None = None  # None: the account's default decides
    heartbeat_s: int | None = None
    is_test_due: bool = False  # a test_request stands unanswered
    is_closing: bool = False
    is_cut: bool = False  # closing without a goodbye, and without what is queued
    is_logged_out: bool = False
    channels: dict[str, str | None] = field(default_factory=dict)  # name → label
    outbox: deque[bytes] = field(default_factory=deque)
    outbox_bytes: int = 0  # with what has been taken, and is held on its way

    def send(self, frame: bytes) -> None:
        """Queue a frame; a peer that reads too slowly is closed instead."""
        if self.is_closing:
            return
        self.outbox.append(frame)
        self.outbox_bytes += len(frame)
        if self.outbox_bytes > OUTBOX_BYTES_MAX:
            self.close()
        else:
            self.wake()

    def close(self) -> None:
        """Let the writer send what is queued and close."""
        self.is_closing = True
        self.wake()

    def cut(self) -> None:
        """Break off: what is queued is lost, and the other side hears of it by the break alone."""
        self.is_closing = self.is_cut = True
        self.take()
        self.wake()

    def take(self) -> list[bytes]:
        """Hand over what is queued."""
        frames = list(self.outbox)
        self.outbox.clear()
        self.outbox_bytes -= sum(map(len, frames))
        return frames
