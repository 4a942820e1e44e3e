"""The wire profile: the real bytes of WebSocket and HTTP, over what only looks like TCP."""

from collections.abc import Callable
from typing import Final, final

import trio

from drills.world.cable import CUT, END, Cable, CutError

__all__ = ["WireEnd", "wire_pair"]

_SEGMENT: Final = 16_384


@final
class WireEnd(trio.abc.Stream):
    """One end of a byte stream; each segment is as late as the path says."""

    def __init__(self, out: Cable, into: Cable, *, late_s: Callable[[], float]) -> None:
        """Take the two directions, `late_s` for the one that leaves here."""
        self._out, self._in, self._late_s = out, into, late_s
        self._rest = b""
        self._is_closed = False

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Let bytes leave."""
        await trio.lowlevel.checkpoint()
        if self._is_closed:
            raise trio.ClosedResourceError
        if self._out.is_over:
            raise trio.BrokenResourceError
        content = bytes(data)
        for start in range(0, len(content), _SEGMENT):
            self._out.put(content[start : start + _SEGMENT], late_s=self._late_s())

    async def wait_send_all_might_not_block(self) -> None:
        """Return: there is always room."""
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return what has come, empty at the end."""
        if self._is_closed:
            raise trio.ClosedResourceError
        if not self._rest:
            try:
                piece = await self._in.get()
            except CutError:
                raise trio.BrokenResourceError from None
            if piece is None:
                return b""
            self._rest = piece
        count = len(self._rest) if max_bytes is None else max_bytes
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    async def aclose(self) -> None:
        """Say goodbye; twice is harmless."""
        self.leave(is_cut=False)
        await trio.lowlevel.checkpoint()

    def leave(self, *, is_cut: bool) -> None:
        """Close this end, with a goodbye or without."""
        if not self._is_closed:
            self._is_closed = True
            self._out.put(CUT if is_cut else END, late_s=self._late_s())
            self._in.over()

    def vanish(self) -> None:
        """Close this end without a word: the other one takes the line for open."""
        self._is_closed = True


def wire_pair(up_s: Callable[[], float], down_s: Callable[[], float]) -> tuple[WireEnd, WireEnd]:
    """Return the client's and the server's end."""
    up, down = Cable(), Cable()
    return WireEnd(up, down, late_s=up_s), WireEnd(down, up, late_s=down_s)
