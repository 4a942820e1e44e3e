"""One WebSocket connection: frames in, frames out, heartbeats, and what its loss brings about."""

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

from bot.simulator.clock import wall_us
from bot.simulator.floor import Floor
from bot.simulator.peer import Peer
from bot.simulator.refusal import Refused, refuse
from bot.simulator.rpc.dispatch import answer
from bot.simulator.wire import BODY_MAX, decode_request, encode, reply

__all__ = ["PATH", "serve_socket"]

PATH: Final = "/ws/api/v2"
_IDLE_S: Final = 600  # PROTOCOL §1: closed after 10 min without traffic
_SEND_S: Final = 30
_CHUNK: Final = 65_536
_HEARTBEAT: Final = encode(
    {"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": "heartbeat"}}
)
_TEST_REQUEST: Final = encode(
    {"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": "test_request"}}
)


@final
@dataclass(slots=True, eq=False)
class _Socket:
    stream: trio.abc.Stream
    floor: Floor
    peer: Peer
    bell: trio.MemoryReceiveChannel[None]
    ws: WSConnection
    control: list[bytes] = field(default_factory=list)  # pongs, closes: not for the outbox
    partial: list[str] = field(default_factory=list)
    partial_size: int = 0
    beat: trio.CancelScope | None = None
    beat_s: int | None = None


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
    socket = _Socket(stream, floor, peer, bell, WSConnection(ConnectionType.SERVER))
    try:
        socket.ws.receive_data(head)
        if not await _open(socket):
            return
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_write, socket, nursery.cancel_scope)
            await _read(socket, nursery)
            nursery.cancel_scope.cancel()
    except* (trio.BrokenResourceError, trio.ClosedResourceError, RemoteProtocolError):
        pass  # the peer is gone or speaks no WebSocket: `lost` below is all there is to do
    finally:
        peer.is_closing = True
        floor.lost(peer)


async def _open(socket: _Socket) -> bool:
    for event in socket.ws.events():
        if isinstance(event, Opening):
            if event.target.partition("?")[0] == PATH:
                await socket.stream.send_all(socket.ws.send(AcceptConnection()))
                return True
            await socket.stream.send_all(socket.ws.send(RejectConnection(status_code=404)))
    return False


async def _read(socket: _Socket, nursery: trio.Nursery) -> None:
    while not socket.peer.is_closing:
        for event in socket.ws.events():
            if isinstance(event, TextMessage):
                socket.partial.append(event.data)
                socket.partial_size += len(event.data)
                if event.message_finished:
                    _serve(socket, "".join(socket.partial).encode())
                    socket.partial, socket.partial_size = [], 0
                elif socket.partial_size > BODY_MAX:
                    _refuse(socket, refuse(-32600))
                    socket.peer.close()
            elif isinstance(event, BytesMessage):
                _refuse(socket, refuse(-32700))
            elif isinstance(event, Ping):
                socket.control.append(socket.ws.send(event.response()))
                socket.peer.wake()
            elif isinstance(event, CloseConnection):
                socket.control.append(socket.ws.send(event.response()))
                socket.peer.close()
            _keep_beating(socket, nursery)
            if socket.peer.is_closing:
                break  # what was sent after a request that ended the connection is not served
        with trio.move_on_after(_IDLE_S) as idle:
            data = await socket.stream.receive_some(_CHUNK)
        if idle.cancelled_caught or not data:
            return
        socket.ws.receive_data(bytes(data))
    # The writer sends what is queued and closes; it ends this task with it.
    await trio.sleep_forever()


def _serve(socket: _Socket, body: bytes) -> None:
    in_us = wall_us()
    request = decode_request(body)
    if isinstance(request, Refused):
        _refuse(socket, request)
        return
    peer = socket.peer
    made = answer(socket.floor, peer, method=request.method, params=request.params)
    if made.is_silent:
        return
    peer.send(reply(request.id, result=made.result, in_us=in_us, out_us=wall_us()))
    for frame in made.afterwards:
        peer.send(frame)
    if isinstance(made.result, Refused) and made.result.code == 10028:
        peer.close()  # PROTOCOL §16: over the limit the connection is terminated


def _refuse(socket: _Socket, refused: Refused) -> None:
    now_us = wall_us()
    socket.peer.send(reply(None, result=refused, in_us=now_us, out_us=now_us))


async def _write(socket: _Socket, scope: trio.CancelScope) -> None:
    async for _ in socket.bell:
        frames = socket.peer.take()
        out = socket.control
        socket.control = []
        # Once the peer has begun to close, frames of ours would be a breach of protocol.
        if socket.ws.state is ConnectionState.OPEN:
            out += [socket.ws.send(TextMessage(data=frame.decode())) for frame in frames]
            if socket.peer.is_closing:
                out.append(socket.ws.send(CloseConnection(code=1000)))
        with trio.move_on_after(_SEND_S) as slow, suppress(trio.BrokenResourceError):
            await socket.stream.send_all(b"".join(out))
        if socket.peer.is_closing or slow.cancelled_caught:
            scope.cancel()
            return


def _keep_beating(socket: _Socket, nursery: trio.Nursery) -> None:
    """Follow what `set_heartbeat` has asked for."""
    if socket.beat_s == socket.peer.heartbeat_s:
        return
    if socket.beat is not None:
        socket.beat.cancel()
    socket.beat_s = socket.peer.heartbeat_s
    if socket.beat_s is not None:
        socket.beat = trio.CancelScope()
        nursery.start_soon(_beat, socket, socket.beat_s, socket.beat)


async def _beat(socket: _Socket, interval_s: int, scope: trio.CancelScope) -> None:
    with scope:
        while True:
            await trio.sleep(interval_s)
            if socket.peer.is_test_due:
                socket.peer.close()  # unanswered for a whole interval: taken for dead
                return
            socket.peer.is_test_due = True
            socket.peer.send(_HEARTBEAT)
            socket.peer.send(_TEST_REQUEST)
