"""The link over WebSocket: trio-websocket with every limit written out (PROTOCOL §1).

The socket is opened, and above all closed, here: the library leaves it open when the peer is the
first to say goodbye.
"""

import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, cast, final
from urllib.parse import SplitResult, urlsplit

import trio
import trio_websocket

from bot.venue.link import Dial, Link, LinkClosedError

__all__ = ["Connect", "websocket_dial"]

_MESSAGE_BYTES_MAX: Final = 4 * 1024 * 1024  # a snapshot of the deepest book fits twice
_QUEUE_MESSAGES: Final = 64  # the session drains at once; a full queue stops reading pings
_RECEIVE_BYTES: Final = 64 * 1024
_CONNECT_S: Final = 10.0
_CLOSE_S: Final = 2.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS: Final = {"ws": 80, "wss": 443}

Connect = Callable[[SplitResult], Awaitable[trio.abc.Stream]]


def websocket_dial(url: str, *, connect: Connect | None = None) -> Dial:
    """Return a dial for `wss://…` with verified certificates, or `ws://` on loopback.

    `connect` opens the byte stream; by default TCP, with TLS beyond loopback.
    Raises ValueError for an unencrypted address anywhere else: the key would be readable.
    """
    parts = urlsplit(url)
    is_local = parts.scheme == "ws" and parts.hostname in _LOOPBACK
    if not (is_local or (parts.scheme == "wss" and parts.hostname)):
        raise ValueError(f"{url}: wss:// is needed beyond loopback")

    @asynccontextmanager
    async def dial() -> AsyncGenerator[Link]:
        stream = await (connect or _connect)(parts)
        try:
            async with trio.open_nursery() as nursery:
                link = _WebSocketLink(await _shake_hands(nursery, stream, parts=parts))
                yield link
                await link.aclose()
                nursery.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            # The library's reader fails inside the nursery; anything else passes as it is.
            _, rest = group.split((trio_websocket.HandshakeError, LinkClosedError))
            if rest is not None:
                raise
            raise LinkClosedError(f"{url}: {group.exceptions[0]!r}") from group
        finally:
            await trio.aclose_forcefully(stream)

    return dial


async def _connect(parts: SplitResult) -> trio.abc.Stream:
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        with trio.fail_after(_CONNECT_S):
            if parts.scheme == "ws":
                return await trio.open_tcp_stream(host, port)
            return await trio.open_ssl_over_tcp_stream(
                host, port, ssl_context=ssl.create_default_context(), https_compatible=True
            )
    except (OSError, trio.TooSlowError) as fault:
        raise LinkClosedError(f"{parts.geturl()}: {fault!r}") from fault


async def _shake_hands(
    nursery: trio.Nursery, stream: trio.abc.Stream, *, parts: SplitResult
) -> trio_websocket.WebSocketConnection:
    connection: trio_websocket.WebSocketConnection | None = None
    with trio.move_on_after(_CONNECT_S):
        connection = await trio_websocket.wrap_client_stream(
            nursery,
            cast("trio.SocketStream", stream),  # it takes any stream; its annotation says less
            parts.netloc,
            parts.path or "/",
            message_queue_size=_QUEUE_MESSAGES,
            max_message_size=_MESSAGE_BYTES_MAX,
            receive_buffer_size=_RECEIVE_BYTES,
        )
    if connection is None:
        raise LinkClosedError(f"no WebSocket handshake within {_CONNECT_S:.0f} s")
    return connection


@final
class _WebSocketLink:
    def __init__(self, connection: trio_websocket.WebSocketConnection) -> None:
        self._connection = connection

    async def send(self, text: bytes) -> None:
        try:
            await self._connection.send_message(text.decode())
        except (trio_websocket.ConnectionClosed, trio.BrokenResourceError) as closed:
            raise LinkClosedError(str(closed)) from closed

    async def receive(self) -> bytes:
        try:
            message = await self._connection.get_message()
        except (trio_websocket.ConnectionClosed, trio.BrokenResourceError) as closed:
            raise LinkClosedError(str(closed)) from closed
        return message.encode() if isinstance(message, str) else message

    async def aclose(self) -> None:
        with trio.move_on_after(_CLOSE_S):
            await self._connection.aclose()
