"""The link's seam: spots before and after each frame, in both directions.

For a torn send the connection runs through a relay inside the same process: it hands the venue the
drawn part of the order's frame, and springs.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final, final
from urllib.parse import urlsplit

import trio

from bot.venue.link import Dial, Link, LinkClosedError
from bot.venue.websocket import websocket_dial
from drills.crash.phase import Phase
from drills.crash.trap import Trap
from drills.frame import ORDER_METHODS, is_cancel, read_frame

__all__ = ["trapped_dial"]

TORN: Final = "order.torn"
_CHUNK_BYTES: Final = 64 * 1024
_IN_FLIGHT_MAX: Final = 10_000


def trapped_dial(trap: Trap, phase: Phase, url: str) -> Dial:
    """Return a dial of the real line behind the trap."""

    @asynccontextmanager
    async def dial() -> AsyncIterator[Link]:
        if not trap.waits_at(TORN):
            async with websocket_dial(url)() as link:
                yield _Link(link, trap=trap, phase=phase, relay=None)
            return
        try:
            async with trio.open_nursery() as nursery:
                relay = _Relay(url, trap=trap)
                port = await nursery.start(relay.serve)
                parts = urlsplit(url)
                through = parts._replace(netloc=f"127.0.0.1:{port}").geturl()
                async with websocket_dial(through)() as link:
                    yield _Link(link, trap=trap, phase=phase, relay=relay)
                nursery.cancel_scope.cancel()
        except* LinkClosedError as group:
            raise LinkClosedError(f"relay: {group.exceptions[0]!r}") from None

    return dial


def _spots(method: str) -> str | None:
    if method in ORDER_METHODS:
        return "order"
    return "cancel" if is_cancel(method) else None


@final
class _Link:
    def __init__(self, link: Link, *, trap: Trap, phase: Phase, relay: "_Relay | None") -> None:
        self._link, self._trap, self._phase, self._relay = link, trap, phase, relay
        self._asked: dict[int, str] = {}

    async def send(self, text: bytes) -> None:
        frame = read_frame(text)
        method = frame.method if frame is not None and frame.method is not None else ""
        if frame is not None and frame.id is not None and len(self._asked) < _IN_FLIGHT_MAX:
            self._asked[frame.id] = method
        self._trap.passing(f"ask:{method}")
        if self._phase.is_stopping:
            self._trap.passing("down.ask")
        spot = _spots(method)
        if spot is not None:
            self._trap.passing(f"{spot}.enter")
        if spot == "order" and self._relay is not None and self._trap.is_next(TORN):
            self._relay.tear()
        await self._link.send(text)
        if spot is not None:
            self._trap.passing(f"{spot}.done")

    async def receive(self) -> bytes:
        text = await self._link.receive()
        frame = read_frame(text)
        if frame is not None and frame.id is not None:
            method = self._asked.pop(frame.id, "")
            self._trap.passing(f"heard:{method}")
            spot = _spots(method)
            if spot is not None:
                self._trap.passing(f"{spot}.heard")
        elif frame is not None and (frame.params.channel or "").startswith("user.trades."):
            self._trap.passing("trade.heard")
        return text

    async def aclose(self) -> None:
        await self._link.aclose()


@final
class _Relay:
    """A hop of our own on loopback, that can stop in the middle of what it carries."""

    def __init__(self, url: str, *, trap: Trap) -> None:
        self._url, self._trap = urlsplit(url), trap
        self._is_tearing = False

    def tear(self) -> None:
        """Let only a part of the next bytes through."""
        self._is_tearing = True

    async def serve(self, *, task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED) -> None:
        listener = (await trio.open_tcp_listeners(0, host="127.0.0.1"))[0]
        task_status.started(listener.socket.getsockname()[1])
        await trio.serve_listeners(self._carry, [listener])

    async def _carry(self, near: trio.SocketStream) -> None:
        far = await trio.open_tcp_stream(self._url.hostname or "", self._url.port or 80)
        async with near, far, trio.open_nursery() as nursery:

            async def pump(carry: Callable[[], Awaitable[None]]) -> None:
                with suppress(trio.BrokenResourceError):  # an end hung up, as either may
                    await carry()
                nursery.cancel_scope.cancel()

            nursery.start_soon(pump, partial(self._down, far, near))
            nursery.start_soon(pump, partial(self._up, near, far))

    async def _up(self, near: trio.SocketStream, far: trio.SocketStream) -> None:
        while chunk := await near.receive_some(_CHUNK_BYTES):
            if self._is_tearing:
                await far.send_all(chunk[: 1 + int(self._trap.share * (len(chunk) - 1))])
                self._trap.spring()
            await far.send_all(chunk)

    async def _down(self, far: trio.SocketStream, near: trio.SocketStream) -> None:
        while chunk := await far.receive_some(_CHUNK_BYTES):
            await near.send_all(chunk)
