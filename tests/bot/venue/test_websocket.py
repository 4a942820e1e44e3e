"""The real link over real sockets on loopback: no virtual time here."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import trio
import trio_websocket

from bot.venue.link import LinkClosedError
from bot.venue.websocket import websocket_dial

Handler = Callable[[trio_websocket.WebSocketRequest], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncGenerator[str]:
    async with trio.open_nursery() as nursery:
        server = await nursery.start(trio_websocket.serve_websocket, handler, "127.0.0.1", 0, None)
        yield f"ws://127.0.0.1:{server.port}/ws/api/v2"
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_text_goes_out_and_comes_back_whole() -> None:
    kinds: list[type] = []

    async def echo(request: trio_websocket.WebSocketRequest) -> None:
        peer = await request.accept()
        message = await peer.get_message()
        kinds.append(type(message))
        await peer.send_message(message * 20_000)

    with trio.fail_after(20):
        async with serving(echo) as url, websocket_dial(url)() as link:
            await link.send(b'{"a":"\xc3\xa9"}')
            assert await link.receive() == b'{"a":"\xc3\xa9"}' * 20_000
    assert kinds == [str]  # the venue takes text frames only


@pytest.mark.trio
async def test_peer_that_goes_away_closes_the_link() -> None:
    async def leave(request: trio_websocket.WebSocketRequest) -> None:
        peer = await request.accept()
        await peer.aclose(1001, "going away")

    with trio.fail_after(20):
        async with serving(leave) as url, websocket_dial(url)() as link:
            with pytest.raises(LinkClosedError):
                await link.receive()
            with pytest.raises(LinkClosedError):
                await link.send(b"{}")


@pytest.mark.trio
async def test_message_above_the_bound_closes_the_link() -> None:
    async def flood(request: trio_websocket.WebSocketRequest) -> None:
        peer = await request.accept()
        await peer.send_message("x" * (4 * 1024 * 1024 + 1))
        await trio.sleep_forever()

    with trio.fail_after(20):
        async with serving(flood) as url, websocket_dial(url)() as link:
            with pytest.raises(LinkClosedError):
                await link.receive()


@pytest.mark.trio
async def test_nobody_there_is_no_link() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    for listener in listeners:
        await listener.aclose()
    with pytest.raises(LinkClosedError):
        async with websocket_dial(f"ws://127.0.0.1:{port}/")():
            pass


@pytest.mark.trio
async def test_refused_handshake_is_no_link() -> None:
    async def refuse(request: trio_websocket.WebSocketRequest) -> None:
        await request.reject(503)

    with trio.fail_after(20):
        async with serving(refuse) as url:
            with pytest.raises(LinkClosedError):
                async with websocket_dial(url)():
                    pass


@pytest.mark.trio
async def test_fault_of_the_block_passes_through() -> None:
    async def accept(request: trio_websocket.WebSocketRequest) -> None:
        await request.accept()
        await trio.sleep_forever()

    with trio.fail_after(20):
        async with serving(accept) as url:
            with pytest.raises(BaseExceptionGroup) as caught:
                async with websocket_dial(url)():
                    raise AssertionError("a bug of ours")
            assert caught.group_contains(AssertionError)


@pytest.mark.parametrize("url", ["ws://www.example.com/ws", "http://127.0.0.1/", "127.0.0.1"])
def test_key_never_travels_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="wss://"):
        websocket_dial(url)
