"""One WebSocket connection as a carrier of a line: frames in, frames out, pings, both ends."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, final

import trio
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    TextMessage,
)
from wsproto.events import Request as Opening
from wsproto.utilities import RemoteProtocolError

from bot.simulator.break_off import break_off
from bot.simulator.floor import Floor
from bot.simulator.line import Ending, Line
from bot.simulator.peer import Peer
from bot.simulator.wire import BODY_MAX

__all__ = ["PATH", "serve_socket"]

PATH: Final = "/ws/api/v2"
_IDLE_S: Final = 600  # PROTOCOL §1: closed after 10 min without traffic
_SEND_S: Final = 30
_CHUNK: Final = 65_536


@final
@dataclass(slots=True, eq=False)
class _Socket:
    stream: trio.abc.Stream
    line: Line
    bell: trio.MemoryReceiveChannel[None]
    ws: WSConnection
    control: list[bytes] = field(default_factory=list)  # pongs, closes: not for the outbox
    partial: list[str] = field(default_factory=list)
    partial_size: int = 0

    @property
    def peer(self) -> Peer:
        """Who is at the other end."""
        return self.line.peer


async def serve_socket(
    stream: trio.abc.Stream, *, head: bytes, floor: Floor, connection: str
) -> None:
    """Serve an upgrade whose request is `head`, until either side closes.

    Whatever ends it, the exchange hears of the loss: orders may have to be cancelled.
    """
    ring, bell = trio.open_memory_channel[None](1)

    def wake() -> None:
        with suppress(trio.WouldBlock):
            ring.send_nowait(None)

    peer = Peer(id=connection, is_socket=True, wake=wake)
    socket = _Socket(stream, Line(floor, peer), bell, WSConnection(ConnectionType.SERVER))
    try:
        socket.ws.receive_data(head)
        if not await _open(socket):
            return
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_write, socket, nursery.cancel_scope)
            nursery.start_soon(socket.line.live)
            await _read(socket)
            nursery.cancel_scope.cancel()
    except* (trio.BrokenResourceError, trio.ClosedResourceError, RemoteProtocolError):
        pass  # the peer is gone or speaks no WebSocket: `lost` below is all there is to do
    finally:
        socket.line.lost()


async def _open(socket: _Socket) -> bool:
    for event in socket.ws.events():
        if isinstance(event, Opening):
            if event.target.partition("?")[0] == PATH:
                await socket.stream.send_all(socket.ws.send(AcceptConnection()))
                return True
            await socket.stream.send_all(socket.ws.send(RejectConnection(status_code=404)))
    return False


async def _read(socket: _Socket) -> None:
    while not socket.peer.is_closing:
        for event in socket.ws.events():
            if isinstance(event, TextMessage):
                socket.partial.append(event.data)
                socket.partial_size += len(event.data)
                if event.message_finished:
                    socket.line.hear("".join(socket.partial).encode())
                    socket.partial, socket.partial_size = [], 0
                elif socket.partial_size > BODY_MAX:
                    socket.line.refuse_unread(-32600)
                    socket.peer.close()
            elif isinstance(event, BytesMessage):
                socket.line.refuse_unread(-32700)
            elif isinstance(event, Ping):
                socket.control.append(socket.ws.send(event.response()))
                socket.peer.wake()
            elif isinstance(event, CloseConnection):
                socket.control.append(socket.ws.send(event.response()))
                socket.peer.close()
            if socket.peer.is_closing:
                break
        with trio.move_on_after(_IDLE_S) as idle:
            data = await socket.stream.receive_some(_CHUNK)
        if idle.cancelled_caught or not data:
            return
        socket.ws.receive_data(bytes(data))
    # The writer sends what is queued and closes; it ends this task with it. Where nothing may be
    # sent any more, only the client can end it.
    while await socket.stream.receive_some(_CHUNK):
        pass


async def _write(socket: _Socket, scope: trio.CancelScope) -> None:
    async for _ in socket.bell:
        frames = socket.line.take()
        ending = socket.line.ending
        if ending is Ending.CUT:
            await break_off(socket.stream)
            scope.cancel()
            return
        if socket.line.is_silent:
            continue
        out = socket.control
        socket.control = []
        # Once the peer has begun to close, frames of ours would be a breach of protocol.
        if socket.ws.state is ConnectionState.OPEN:
            out += [socket.ws.send(TextMessage(data=frame.decode())) for frame in frames]
            if ending is Ending.GOODBYE:
                out.append(socket.ws.send(CloseConnection(code=1000)))
        with trio.move_on_after(_SEND_S) as slow, suppress(trio.BrokenResourceError):
            await socket.stream.send_all(b"".join(out))
        if ending is not None or slow.cancelled_caught:
            scope.cancel()
            return
