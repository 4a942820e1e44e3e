"""The way from the exchange to the client: what is lost, spoilt, multiplied or late on it.

Frames arrive in the order in which they left, as over TCP, but where a fault says otherwise.
"""

import math
from collections import deque
from typing import Final, final

from bot.simulator.peer import Peer
from bot.simulator.trouble.trouble import Trouble
from bot.simulator.wire import HEARTBEAT, is_notification

__all__ = ["PROXY_PAGE", "Outbound", "spoilt_answer"]

PROXY_PAGE: Final = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    b"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
_LATENCY_S: Final = (0.2, 2.0)
_JITTER_S: Final = (0.0, 0.5)
_STALL_S: Final = (20.0, 60.0)
# With the fullest feed of one engine this makes about the 20 000 messages a second of F06.
_FLOOD: Final = (HEARTBEAT,) * 100
_OVERTAKING_S: Final = 0.5  # so long a notification waits for the one that is to overtake it


def spoilt_answer(trouble: Trouble, answer: bytes) -> bytes:
    """Return what the client gets for an answer: mostly itself."""
    if trouble.take("proxy_page"):
        return PROXY_PAGE
    if trouble.take("empty_answer"):
        return b""
    return answer


@final
class Outbound:
    """Frames on their way. Times are the carrier's, in seconds; held bytes count as unread."""

    def __init__(self, trouble: Trouble, peer: Peer) -> None:
        """Begin with an empty way to a peer, which is told when it closes or breaks."""
        self.is_mute = False  # nothing arrives any more, not even an end
        self._trouble = trouble
        self._peer = peer
        self._way: deque[tuple[float, bytes]] = deque()
        self._last_s = -math.inf  # when the last one that is on its way arrives
        self._stall_until_s = -math.inf
        self._late: tuple[int, float] = (0, 0.0)  # the end of the span, and how late in it
        self._overtaken: bytes | None = None
        self._overtaken_until_s = math.inf

    @property
    def is_empty(self) -> bool:
        """True when nothing is on its way."""
        return not self._way and self._overtaken is None

    @property
    def next_s(self) -> float:
        """When something arrives next; infinite for never."""
        first_s = min(self._way[0][0] if self._way else math.inf, self._overtaken_until_s)
        return max(first_s, self._stall_until_s)

    def is_stalled(self, now_s: float) -> bool:
        """True while everything is held."""
        return now_s < self._stall_until_s

    def depart(self, frame: bytes, *, now_s: float) -> None:
        """Send one frame on its way."""
        trouble = self._trouble
        if self.is_mute or self._peer.is_cut:
            return
        if trouble.take("reset"):
            self._peer.cut()
            return
        if trouble.take("half_open"):
            self.mute()
            return
        for passing in self._in_turn(frame, now_s=now_s):
            self._pass(passing, now_s=now_s)
        if not self._peer.is_closing and trouble.take("clean_close"):
            self._peer.close()

    def arrived(self, now_s: float) -> list[bytes]:
        """Take out what has arrived by now."""
        if self._overtaken is not None and now_s >= self._overtaken_until_s:
            self._pass(self._give_up_waiting(self._overtaken), now_s=now_s)
        frames: list[bytes] = []
        if self.is_stalled(now_s):
            return frames
        while self._way and self._way[0][0] <= now_s:
            frames.append(self._way.popleft()[1])
        self._peer.outbox_bytes -= sum(map(len, frames))
        return frames

    def mute(self) -> None:
        """Let nothing arrive any more, nor what is on its way."""
        self.is_mute = True
        if self._overtaken is not None:
            self._give_up_waiting(self._overtaken)
        self._peer.outbox_bytes -= sum(len(frame) for _, frame in self._way)
        self._way.clear()

    def _in_turn(self, frame: bytes, *, now_s: float) -> tuple[bytes, ...]:
        """Return the frames that pass now, in their order."""
        trouble = self._trouble
        if is_notification(frame):
            if trouble.take("frame_dropped"):
                return ()
            if self._overtaken is not None and trouble.take("frames_reordered"):
                return (frame, self._give_up_waiting(self._overtaken))
            if self._overtaken is None and trouble.is_armed("frames_reordered"):
                self._overtaken, self._overtaken_until_s = frame, now_s + _OVERTAKING_S
                self._peer.outbox_bytes += len(frame)
                return ()
        if self._overtaken is not None:
            return (self._give_up_waiting(self._overtaken), frame)
        return (frame,)

    def _give_up_waiting(self, overtaken: bytes) -> bytes:
        self._overtaken, self._overtaken_until_s = None, math.inf
        self._peer.outbox_bytes -= len(overtaken)
        return overtaken

    def _pass(self, frame: bytes, *, now_s: float) -> None:
        trouble = self._trouble
        if len(frame) > 1 and trouble.take("frame_truncated"):
            frame = self._truncated(frame)
        copies = 2 if trouble.take("frame_duplicated") else 1
        frames = (*(_FLOOD if trouble.stands("flood") else ()), *[frame] * copies)
        self._last_s = max(self._last_s, self._arrival_s(now_s))
        self._way.extend((self._last_s, each) for each in frames)
        self._peer.outbox_bytes += sum(map(len, frames))

    def _arrival_s(self, now_s: float) -> float:
        trouble = self._trouble
        at_s = now_s
        if trouble.stands("latency"):
            until_ms = trouble.until_ms("latency")
            if self._late[0] != until_ms:
                self._late = until_ms, trouble.draw("latency").uniform(*_LATENCY_S)
            at_s += self._late[1]
        if trouble.stands("jitter"):
            at_s += trouble.draw("jitter").uniform(*_JITTER_S)
        if trouble.take("stall"):
            self._stall_until_s = now_s + trouble.draw("stall").uniform(*_STALL_S)
        return at_s

    def _truncated(self, frame: bytes) -> bytes:
        keep = self._trouble.draw("frame_truncated").randrange(1, len(frame))
        # A carrier of texts could not carry half a character.
        return frame[:keep].decode(errors="ignore").encode()
