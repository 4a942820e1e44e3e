"""One connection over memory streams, in virtual time."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import trio
import trio.testing
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from bot.simulator.http import serve_connection
from tests.bot.simulator.stage import PERPETUAL, Stage

pytestmark = pytest.mark.trio


class Client:
    """A WebSocket client that calls and listens."""

    def __init__(self, ws: WebSocketConnection, stream: trio.abc.Stream) -> None:
        self.ws, self.stream = ws, stream
        self.heard: list[dict[str, Any]] = []
        self._id = 0

    async def call(self, method: str, **params: Any) -> Any:
        self._id += 1
        frame = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}
        await self.ws.send_message(json.dumps(frame))
        while True:
            message = await self.next()
            if message.get("id") == self._id:
                return message.get("result", message.get("error"))
            self.heard.append(message)

    async def next(self) -> Any:
        return json.loads(await self.ws.get_message())

    async def log_in(self, role: str = "trade") -> None:
        await self.call(
            "public/auth",
            grant_type="client_credentials",
            client_id=role,
            client_secret=f"{role}-secret",
        )

    async def buy(self, label: str) -> None:
        await self.call(
            "private/buy", instrument_name=PERPETUAL, amount=10, price=59990, label=label
        )


@asynccontextmanager
async def connected(stage: Stage, name: str = "c1") -> AsyncIterator[Client]:
    """Connect to a floor; at the end the stream is cut, as a cable is."""
    mine, theirs = trio.testing.memory_stream_pair()

    async def serve() -> None:
        async with theirs:
            await serve_connection(theirs, floor=stage.floor, connection=name, is_full=False)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        ws = await wrap_client_stream(nursery, cast(Any, mine), "127.0.0.1", "/ws/api/v2")
        yield Client(ws, mine)
        await mine.aclose()
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()


def labels(stage: Stage) -> set[str]:
    return {order.label for order in stage.venue.open.values()}


async def test_a_login_holds_for_its_connection(stage: Stage) -> None:
    async with connected(stage) as client:
        refused = await client.call("private/get_open_orders")
        assert refused["code"] == 13009
        await client.log_in()
        assert await client.call("private/get_open_orders") == []


async def test_a_cut_connection_cancels_its_own_orders_when_that_was_asked(stage: Stage) -> None:
    stage.order("buy", amount=10, price=59990, label="of another connection")
    async with connected(stage) as client:
        await client.log_in()
        assert await client.call("private/enable_cancel_on_disconnect") == "ok"
        assert await client.call("private/get_cancel_on_disconnect") == {
            "scope": "connection",
            "enabled": True,
        }
        await client.buy("mine")
        assert labels(stage) == {"mine", "of another connection"}
    assert labels(stage) == {"of another connection"}
    (gone,) = stage.call("private/get_order_state_by_label", currency="BTC", label="mine")
    assert gone["cancel_reason"] == "cancel_on_disconnect"


async def test_without_asking_orders_outlive_their_connection(stage: Stage) -> None:
    async with connected(stage) as client:
        await client.log_in()
        await client.buy("stays")
    assert labels(stage) == {"stays"}


async def test_a_logout_closes_without_an_answer_and_cancels_nothing(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        await client.log_in()
        await client.call("private/enable_cancel_on_disconnect")
        await client.buy("stays")
        with pytest.raises(ConnectionClosed), trio.fail_after(5):
            await client.call("private/logout")
    assert labels(stage) == {"stays"}


async def test_the_account_s_default_holds_for_new_connections(stage: Stage) -> None:
    stage.call("private/enable_cancel_on_disconnect", scope="account")
    async with connected(stage) as client:
        await client.log_in()
        await client.buy("falls")
    assert labels(stage) == set()


async def test_heartbeats_ask_for_a_test_and_silence_ends_the_connection(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        await client.log_in()
        await client.call("private/enable_cancel_on_disconnect")
        await client.buy("falls")
        assert await client.call("public/set_heartbeat", interval=10) == "ok"
        begin = trio.current_time()
        for beat in (1, 2, 3):
            said = [(await client.next())["params"]["type"] for _ in range(2)]
            assert said == ["heartbeat", "test_request"]
            assert trio.current_time() - begin == pytest.approx(10 * beat)
            if beat < 3:
                assert (await client.call("public/test"))["version"]
        assert labels(stage) == {"falls"}
        with pytest.raises(ConnectionClosed):
            await client.next()
        assert trio.current_time() - begin == pytest.approx(40)
    assert labels(stage) == set()


async def test_heartbeats_stop_when_disabled(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        await client.call("public/set_heartbeat", interval=10)
        await client.call("public/disable_heartbeat")
        with trio.move_on_after(60) as quiet:
            await client.next()
        assert quiet.cancelled_caught


async def test_ten_minutes_without_a_word_end_the_connection(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        begin = trio.current_time()
        with pytest.raises(ConnectionClosed):
            await client.next()
        assert trio.current_time() - begin == pytest.approx(600)


async def test_over_the_limit_comes_10028_and_then_the_end(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        await client.log_in()
        await client.call("private/enable_cancel_on_disconnect")
        await client.buy("falls with its connection")
        answers = [await client.call("private/get_open_orders") for _ in range(97)]
        assert all(isinstance(answer, list) for answer in answers)
        refused = await client.call("private/get_open_orders")
        while isinstance(refused, list):
            refused = await client.call("private/get_open_orders")
        assert refused == {"code": 10028, "message": "too_many_requests"}
        with pytest.raises(ConnectionClosed):
            await client.next()
    assert labels(stage) == set()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", -32700),
        ("[]", 11050),
        ('{"jsonrpc":"2.0","id":1,"method":"public/test","params":"' + "x" * 33_000 + '"}', -32600),
    ],
)
async def test_a_frame_that_is_no_request_is_answered(stage: Stage, frame: str, code: int) -> None:
    async with connected(stage) as client:
        await client.ws.send_message(frame)
        assert (await client.next())["error"]["code"] == code
        assert isinstance(await client.call("public/get_time"), int)


async def test_a_reader_that_does_not_read_is_dropped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.simulator.peer.OUTBOX_BYTES_MAX", 5_000)
    peer = stage.peers["trade"]
    stage.call("public/subscribe", channels=[f"ticker.{PERPETUAL}.100ms"])
    for _ in range(20):
        stage.tick()
    assert peer.is_closing
    assert peer.outbox_bytes < 6_000


@pytest.mark.parametrize("fault", ["reset", "request_cut", "request_cut_after"])
async def test_a_break_is_seen_as_one_and_without_a_goodbye(
    stage: Stage, fault: str, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        stage.floor.trouble.strike(fault)
        with pytest.raises(ConnectionClosed) as closed, trio.fail_after(1):
            await client.call("public/test")
        assert closed.value.reason.code == 1006  # no close frame
    assert stage.floor.trouble.injected == {fault: 1}


async def test_a_close_in_order_has_a_goodbye(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        stage.floor.trouble.strike("clean_close")
        assert (await client.call("public/test"))["version"]
        with pytest.raises(ConnectionClosed) as closed, trio.fail_after(1):
            await client.next()
        assert closed.value.reason.code == 1000


@pytest.mark.parametrize("fault", ["frame_truncated", "proxy_page", "empty_answer"])
async def test_a_spoilt_frame_is_no_json_and_the_next_is_whole(
    stage: Stage, fault: str, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        stage.floor.trouble.strike(fault)
        with pytest.raises(json.JSONDecodeError):
            await client.call("public/test")
        assert (await client.call("public/test"))["version"]


@pytest.mark.parametrize(("fault", "most_s"), [("latency", 2.0), ("jitter", 0.5), ("stall", 60.0)])
async def test_a_late_frame_arrives_whole(
    stage: Stage, fault: str, most_s: float, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        begin = trio.current_time()
        stage.floor.trouble.strike(fault)
        assert (await client.call("public/test"))["version"]
        assert 0.0 < trio.current_time() - begin <= most_s


async def test_on_a_half_open_connection_not_even_a_ping_is_answered(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        await client.log_in()
        await client.ws.ping()
        stage.floor.trouble.strike("half_open")
        with trio.move_on_after(30) as unanswered:
            await client.buy("heard")
        with trio.move_on_after(30) as silent:
            await client.ws.ping()
        assert unanswered.cancelled_caught
        assert silent.cancelled_caught
        assert labels(stage) == {"heard"}


async def test_a_stall_holds_a_ping_s_answer_too(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        stage.floor.trouble.strike("stall")
        with trio.move_on_after(1):
            await client.call("public/test")
        begin = trio.current_time()
        await client.ws.ping()
        assert 19.0 <= trio.current_time() - begin <= 59.0


async def test_a_client_may_leave_a_mute_connection(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    async with connected(stage) as client:
        await client.log_in()
        await client.call("private/enable_cancel_on_disconnect")
        await client.buy("falls")
        stage.floor.trouble.strike("deaf_both")
        with trio.move_on_after(1):
            await client.call("public/test")
        assert labels(stage) == {"falls"}
    assert labels(stage) == set()


async def test_a_dial_is_refused_while_that_stands(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    stage.floor.trouble.strike("dial_refused")
    mine, theirs = trio.testing.memory_stream_pair()
    await serve_connection(theirs, floor=stage.floor, connection="c1", is_full=False)
    assert await mine.receive_some() == b""
    with pytest.raises(trio.BrokenResourceError):
        await mine.send_all(b"GET")
    stage.tick(ms=60_000)
    async with connected(stage, "c2") as client:
        assert (await client.call("public/test"))["version"]
    assert stage.floor.trouble.injected == {"dial_refused": 1}


async def test_a_slow_dial_is_let_in_later(
    stage: Stage, autojump_clock: trio.testing.MockClock
) -> None:
    stage.floor.trouble.strike("dial_slow")
    begin = trio.current_time()
    async with connected(stage) as client:
        assert 1.0 <= trio.current_time() - begin <= 15.0
        assert (await client.call("public/test"))["version"]
