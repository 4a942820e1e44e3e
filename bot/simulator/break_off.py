"""End a connection as a cut cable or a dead machine does: without a goodbye of any layer."""

import socket
import struct
from typing import Final

import trio

__all__ = ["break_off"]

_NO_LINGER: Final = struct.pack("ii", 1, 0)  # what is unsent is thrown away, the peer is reset


async def break_off(stream: trio.abc.Stream) -> None:
    """Break a stream off; over TCP the other side sees a reset."""
    if isinstance(stream, trio.SocketStream):
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    await trio.aclose_forcefully(stream)
