"""The link over WebSocket: trio-websocket with every limit written out (PROTOCOL §1)."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, final
from urllib.parse import urlsplit

import trio
import trio_websocket

from bot.venue.link import Dial, Link, LinkClosedError

__all__ = ["websocket_dial"]

_MESSAGE_BYTES_MAX: Final = 4 * 1024 * 1024  # a snapshot of the deepest book fits twice
_QUEUE_MESSAGES: Final = 64  # the session drains at once; a full queue stops reading pings
_RECEIVE_BYTES: Final = 64 * 1024
_CONNECT_S: Final = 10.0
_CLOSE_S: Final = 2.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def websocket_dial(url: str) -> Dial:
    """Return a dial for `wss://…` with verified certificates, or `ws://` on loopback.

    Raises ValueError for an unencrypted address anywhere else: the key would be readable.
    """
    parts = urlsplit(url)
    if parts.scheme == "wss":
        context: ssl.SSLContext | None = ssl.create_default_context()
    elif parts.scheme == "ws" and parts.hostname in _LOOPBACK:
        context = None
    else:
        raise ValueError(f"{url}: wss:// is needed beyond loopback")

    @asynccontextmanager
    async def dial() -> AsyncGenerator[Link]:
        link: _WebSocketLink | None = None
        try:
            async with trio_websocket.open_websocket_url(
                url,
                ssl_context=context,
                message_queue_size=_QUEUE_MESSAGES,
                max_message_size=_MESSAGE_BYTES_MAX,
                connect_timeout=_CONNECT_S,
                disconnect_timeout=_CLOSE_S,
                receive_buffer_size=_RECEIVE_BYTES,
            ) as connection:
                link = _WebSocketLink(connection)
                yield link
        except trio_websocket.DisconnectionTimeout:
            pass  # the peer did not say goodbye in time; the socket is closed all the same
        except (trio_websocket.HandshakeError, trio_websocket.ConnectionTimeout, OSError) as fault:
            raise LinkClosedError(f"{url}: {type(fault).__name__} {fault}") from fault

    return dial


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
