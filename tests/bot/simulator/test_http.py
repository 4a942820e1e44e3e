"""Signed requests and refusals over HTTP, on memory streams."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import h11
import pytest
import trio
import trio.testing

from bot.simulator.auth import signature_of
from bot.simulator.http import serve_connection
from tests.bot.simulator.stage import PERPETUAL, Stage

pytestmark = pytest.mark.trio


class Client:
    """Sends requests one after the other on one connection."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self.grammar = h11.Connection(h11.CLIENT)

    async def ask(
        self, verb: str, target: str, *, body: bytes = b"", **headers: str
    ) -> tuple[int, Any]:
        fields = {"host": "127.0.0.1", "content-length": str(len(body))} | headers
        request = h11.Request(method=verb, target=target, headers=list(fields.items()))
        out = self.grammar.send(request) or b""
        if body:
            out += self.grammar.send(h11.Data(data=body)) or b""
        await self.stream.send_all(out + (self.grammar.send(h11.EndOfMessage()) or b""))
        status, content = 0, b""
        while True:
            event = self.grammar.next_event()
            if event is h11.NEED_DATA:
                self.grammar.receive_data(bytes(await self.stream.receive_some()))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                content += event.data
            else:
                break
        if self.grammar.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            self.grammar.start_next_cycle()
        return status, json.loads(content)


@asynccontextmanager
async def connected(stage: Stage, *, is_full: bool = False) -> AsyncIterator[Client]:
    mine, theirs = trio.testing.memory_stream_pair()

    async def serve() -> None:
        async with theirs:
            await serve_connection(theirs, floor=stage.floor, connection="h1", is_full=is_full)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        yield Client(mine)
        await mine.aclose()


def signed(stage: Stage, verb: str, target: str, *, body: str = "", nonce: str = "n") -> str:
    message = f"{stage.clock_ms}\n{nonce}\n{verb}\n{target}\n{body}\n"
    signature = signature_of("trade-secret", message=message)
    return f"deri-hmac-sha256 id=trade,ts={stage.clock_ms},sig={signature},nonce={nonce}"


async def test_a_signed_request_is_proven_with_its_path_query_and_body(stage: Stage) -> None:
    buy = f"/api/v2/private/buy?instrument_name={PERPETUAL}&amount=10&price=59990&label=h"
    body = '{"jsonrpc":"2.0","id":3,"method":"private/get_open_orders","params":{}}'
    async with connected(stage) as client:
        header = signed(stage, "GET", buy)
        status, answer = await client.ask("GET", buy, authorization=header)
        assert (status, answer["result"]["order"]["label"]) == (200, "h")
        # The same signature again, for another order, and over another body: all refused.
        assert (await client.ask("GET", buy, authorization=header))[0] == 401
        other = signed(stage, "GET", buy, nonce="o")
        status, answer = await client.ask("GET", buy + "2", authorization=other)
        assert (status, answer["error"]["code"]) == (401, 13004)
        header = signed(stage, "POST", "/api/v2", body=body, nonce="p")
        status, answer = await client.ask(
            "POST", "/api/v2", body=body.encode(), authorization=header
        )
        assert (status, answer["id"], len(answer["result"])) == (200, 3, 1)


async def test_an_order_by_http_outlives_its_connection(stage: Stage) -> None:
    target = f"/api/v2/private/buy?instrument_name={PERPETUAL}&amount=10&price=59990"
    stage.call("private/enable_cancel_on_disconnect", scope="account")
    async with connected(stage) as client:
        await client.ask("GET", target, authorization=signed(stage, "GET", target))
    assert len(stage.call("private/get_open_orders")) == 1


@pytest.mark.parametrize(
    ("verb", "target", "status"),
    [
        ("DELETE", "/api/v2/public/test", 405),
        ("GET", "/elsewhere", 404),
        ("GET", "/api/v2/public/ticker?instrument_name=NOPE", 400),
        ("GET", "/api/v2/private/get_open_orders", 401),
    ],
)
async def test_the_status_follows_the_answer(
    stage: Stage, verb: str, target: str, status: int
) -> None:
    async with connected(stage) as client:
        assert (await client.ask(verb, target))[0] == status


async def test_one_connection_too_many_hears_429(stage: Stage) -> None:
    async with connected(stage, is_full=True) as client:
        assert (await client.ask("GET", "/api/v2/public/test"))[0] == 429


async def test_a_connection_ends_after_a_minute_of_silence(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        begin = trio.current_time()
        assert await client.stream.receive_some() == b""
        assert trio.current_time() - begin == pytest.approx(60)
