"""The link's seam: the real line, and a word to the trace before each order's frame."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import final

from bot.venue.link import Dial, Link
from bot.venue.websocket import websocket_dial
from drills.frame import label_in

__all__ = ["telling_dial"]


def telling_dial(tell: Callable[[str], None], url: str) -> Dial:
    """Return a dial of the real line; `tell` is given the label before its first byte leaves."""

    @asynccontextmanager
    async def dial() -> AsyncIterator[Link]:
        async with websocket_dial(url)() as link:
            yield _Link(link, tell)

    return dial


@final
class _Link:
    def __init__(self, link: Link, tell: Callable[[str], None]) -> None:
        self._link, self._tell = link, tell

    async def send(self, text: bytes) -> None:
        label = label_in(text)
        if label is not None:
            self._tell(label)
        await self._link.send(text)

    async def receive(self) -> bytes:
        return await self._link.receive()

    async def aclose(self) -> None:
        await self._link.aclose()
