"""The HTTP port against a real socket: no virtual time here."""

import json
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import h11
import pytest
import trio

from bot.venue.http import HttpPort, open_http
from bot.venue.purse import Purse
from bot.venue.reply import NoReply, NotSent, Ok, Refused
from bot.venue.secret import Credentials, Secret

Respond = Callable[[h11.Request, bytes], bytes | None]  # None: close without an answer
NOW_MS = 1_576_074_319_000


@asynccontextmanager
async def serving(respond: Respond, *, status: int = 200) -> AsyncGenerator[HttpPort]:
    async def serve(stream: trio.SocketStream) -> None:
        server, body = h11.Connection(h11.SERVER), b""
        head: h11.Request | None = None
        async with stream:
            while True:
                match server.next_event():
                    case h11.NEED_DATA:
                        server.receive_data(await stream.receive_some(65_536))
                    case h11.Request() as request:
                        head = request
                    case h11.Data(data=data):
                        body += bytes(data)
                    case h11.EndOfMessage():
                        break
                    case _:
                        return
            assert head is not None
            answer = respond(head, body)
            if answer is None:
                return
            headers = [("content-length", str(len(answer))), ("connection", "close")]
            parts = (
                h11.Response(status_code=status, headers=headers),
                h11.Data(data=answer),
                h11.EndOfMessage(),
            )
            for part in parts:
                await stream.send_all(server.send(part) or b"")

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, serve, 0)
        port = listeners[0].socket.getsockname()[1]
        async with opened(f"http://127.0.0.1:{port}/api/v2") as http:
            yield http
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def opened(base_url: str) -> AsyncGenerator[HttpPort]:
    async with open_http(
        base_url,
        credentials=Credentials(client_id="AMANDA", secret=Secret("AMANDASECRECT")),
        is_testnet=True,
        purse=Purse(),
        draw=random.Random(7),  # noqa: S311  # a nonce for a server of ours
        now_ms=lambda: NOW_MS,
    ) as http:
        yield http


def _reply(body: bytes, **fields: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": json.loads(body)["id"]} | fields).encode()


@pytest.mark.trio
async def test_private_request_is_signed_by_itself() -> None:
    seen: list[tuple[h11.Request, bytes]] = []

    def respond(head: h11.Request, body: bytes) -> bytes:
        seen.append((head, body))
        return _reply(body, result={"a": 1}, usIn=5, usOut=6, testnet=True)

    async with serving(respond) as http:
        reply = await http.call("private/get_positions", {"currency": "BTC"}, deadline_s=5)
    assert reply == Ok(result=b'{"a": 1}', us_in=5, us_out=6)
    head, body = seen[0]
    assert (head.method, head.target) == (b"POST", b"/api/v2/private/get_positions")
    assert json.loads(body)["params"] == {"currency": "BTC"}
    scheme, _, fields = dict(head.headers)[b"authorization"].decode().partition(" ")
    given = dict(field.split("=") for field in fields.split(","))
    assert (scheme, given["id"], given["ts"]) == ("deri-hmac-sha256", "AMANDA", str(NOW_MS))
    # PROTOCOL §3: ts, nonce, method, uri, body, each with its line end.
    signed = f"{NOW_MS}\n{given['nonce']}\nPOST\n/api/v2/private/get_positions\n{body.decode()}\n"
    assert given["sig"] == Secret("AMANDASECRECT").sign(signed)


@pytest.mark.trio
async def test_error_body_decides_whatever_the_status() -> None:
    error = {"code": 13009, "message": "unauthorized"}
    async with serving(lambda _, body: _reply(body, error=error), status=400) as http:
        reply = await http.call("private/get_positions", {}, deadline_s=5)
    assert reply == Refused(code=13009, message="unauthorized")


@pytest.mark.trio
@pytest.mark.parametrize(
    "respond",
    [
        lambda _head, _body: b"<html>maintenance</html>",
        lambda _head, _body: None,
        lambda _head, body: _reply(body, result=1, testnet=False),
        lambda _head, _body: b'{"id":999,"result":1}',
        lambda _head, body: _reply(body),
    ],
    ids=["page", "cut", "other environment", "other id", "neither"],
)
async def test_no_usable_answer_is_doubt(respond: Respond) -> None:
    async with serving(respond) as http:
        assert isinstance(await http.call("public/get_time", {}, deadline_s=5), NoReply)


@pytest.mark.trio
async def test_nobody_there_is_not_sent() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    for listener in listeners:
        await listener.aclose()
    async with opened(f"http://127.0.0.1:{port}/api/v2") as http:
        assert isinstance(await http.call("public/get_time", {}, deadline_s=5), NotSent)


@pytest.mark.trio
async def test_server_that_says_nothing_is_left_at_the_deadline() -> None:
    async def listen_only(stream: trio.SocketStream) -> None:
        await stream.receive_some(1)
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, listen_only, 0)
        port = listeners[0].socket.getsockname()[1]
        async with opened(f"http://127.0.0.1:{port}/api/v2") as http:
            reply = await http.call("public/get_time", {}, deadline_s=0.2)
        assert isinstance(reply, NoReply)
        nursery.cancel_scope.cancel()


@pytest.mark.trio
@pytest.mark.rule("C-101")
async def test_no_order_goes_over_http() -> None:
    async with opened("http://127.0.0.1:1/api/v2") as http:
        with pytest.raises(AssertionError, match="not carried"):
            await http.call("private/buy", {}, deadline_s=1)


@pytest.mark.trio
async def test_key_never_travels_in_the_clear() -> None:
    with pytest.raises(ValueError, match="https://"):
        async with opened("http://www.example.com/api/v2"):
            pass
