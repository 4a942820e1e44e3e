"""The real HTTP server with a fake engine behind it."""

import json
import socket
import stat
import struct
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import trio

from bot.control.errors import Exit, UserError
from bot.control.http import CONNECTIONS_MAX, READS_BURST, serve_http
from bot.control.http_head import BODY_BYTES_MAX
from bot.control.once import Once
from bot.control.port import OwnUp
from bot.control.token import http_token, token_path
from bot.control.view import Latch, ModeWord, View
from bot.domain.mode import Mode
from tests.bot.control.fake_engine import FakeEngine, a_cause

pytestmark = [pytest.mark.rule("C-603"), pytest.mark.rule("C-604")]

TOKEN = "a-made-up-token"
REDUCE = "/api/v1/emergency/reduce_only"


class Reply(NamedTuple):
    code: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)


@asynccontextmanager
async def served(engine: FakeEngine) -> AsyncIterator[int]:
    async with trio.open_nursery() as nursery:
        once = Once(engine, nursery=nursery)

        async def start(task_status: trio.TaskStatus[int]) -> None:
            await serve_http(
                0,
                engine=engine,
                once=once,
                token=TOKEN,
                metrics=lambda: 'bot_mode{mode="KILL"} 1\n',
                task_status=task_status,
            )

        yield await nursery.start(start)
        nursery.cancel_scope.cancel()


async def raw(port: int, data: bytes) -> Reply:
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(data)
        answer = b""
        with trio.fail_after(20):
            async for chunk in stream:
                answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in rest)
    return Reply(int(first.split()[1]), headers, body)


async def ask(
    port: int, path: str, *, method: str = "GET", body: bytes = b"", **headers: str
) -> Reply:
    all_headers = {"Host": f"127.0.0.1:{port}", **headers}
    if body:
        all_headers["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in all_headers.items()), "", ""]
    return await raw(port, "\r\n".join(lines).encode() + body)


async def reduce(port: int, token: str = TOKEN, **fields: object) -> Reply:
    wish = {"reason": "news", "request_id": str(uuid.uuid4()), **fields}
    return await ask(
        port,
        REDUCE,
        method="POST",
        body=json.dumps(wish).encode(),
        Authorization=f"Bearer {token}",
        **{"Content-Type": "application/json"},
    )


@pytest.mark.trio
async def test_status_is_the_document_and_as_text_the_three_lines() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        reply = await ask(port, "/api/v1/status")
        assert reply.code == 200
        assert reply.json["schema"] == "bot.status/1"
        text = await ask(port, "/api/v1/status", Accept="text/plain")
        assert tuple(text.body.decode().splitlines()) == engine.view().status.lines


@pytest.mark.trio
async def test_status_is_200_in_every_mode_and_health_503_unless_ok() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        assert (await ask(port, "/api/v1/health")).code == 200
        engine.publish(latch=Latch(open=False, proofs=()))
        assert (await ask(port, "/api/v1/health")).code == 503
        engine.publish(mode=ModeWord.KILL, causes=(a_cause("LOSS_DAY"),))
        health = await ask(port, "/api/v1/health")
        assert health.code == 503
        assert health.json["reasons"] == ["LOSS_DAY"]
        assert {"ok", "build_id", "contract_version", "environment", "mode"} <= set(health.json)
        assert (await ask(port, "/api/v1/status")).code == 200


@pytest.mark.trio
async def test_metrics_are_prometheus_text() -> None:
    async with served(FakeEngine()) as port:
        reply = await ask(port, "/metrics")
        assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert b'bot_mode{mode="KILL"} 1' in reply.body


@pytest.mark.trio
async def test_reduce_only_is_done_once_for_one_request_id() -> None:
    engine = FakeEngine()
    request_id = str(uuid.uuid4())
    async with served(engine) as port:
        first = await reduce(port, request_id=request_id)
        again = await reduce(port, request_id=request_id)
        assert first.code == again.code == 200
        assert first.json == again.json
        assert len(first.json["lines"]) == 3
        other = await reduce(port, request_id=request_id, reason="something else")
        assert other.code == 409
    assert [act.mode for act in engine.acts] == [Mode.REDUCE_ONLY]


@pytest.mark.trio
@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1]])
async def test_without_the_token_nothing_is_done(token: str) -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        assert (await reduce(port, token=token)).code == 401
    assert engine.acts == []


@pytest.mark.trio
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_other_host_or_origin_is_forbidden_even_with_the_token(headers: dict) -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        reply = await ask(
            port, REDUCE, method="POST", body=b"{}", Authorization=f"Bearer {TOKEN}", **headers
        )
        assert reply.code == 403
        assert (await ask(port, "/api/v1/status", **headers)).code == 403
    assert engine.acts == []


@pytest.mark.trio
async def test_own_origin_is_accepted() -> None:
    async with served(FakeEngine()) as port:
        reply = await ask(port, "/api/v1/status", Origin=f"http://localhost:{port}")
        assert reply.code == 200


@pytest.mark.trio
@pytest.mark.parametrize(
    "fields",
    [
        {"reason": ""},
        {"reason": "x" * 281},
        {"request_id": "7"},
        {"mode": "ACTIVE"},
    ],
)
async def test_wish_that_does_not_fit_is_refused(fields: dict) -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        assert (await reduce(port, **fields)).code == 400
    assert engine.acts == []


@pytest.mark.trio
async def test_body_and_head_have_bounds() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        assert (await reduce(port, reason="x" * BODY_BYTES_MAX)).code == 413
        chunked = (
            f"POST {REDUCE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        ).encode()
        part = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
        assert (await raw(port, chunked + part + b"1\r\nx\r\n0\r\n\r\n")).code == 413
        assert (await ask(port, "/api/v1/status", X="y" * 20_000)).code == 431
    assert engine.acts == []


@pytest.mark.trio
@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/api/v1/status", 405),
        ("DELETE", "/api/v1/health", 405),
        ("GET", REDUCE, 405),
        ("GET", "/", 404),
        ("POST", "/api/v1/mode/rearm", 404),
        ("POST", "/api/v1/emergency/rearm", 404),
        ("POST", "/api/v1/emergency/kill", 404),
    ],
)
async def test_nothing_else_is_reachable(method: str, path: str, code: int) -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        reply = await ask(port, path, method=method, Authorization=f"Bearer {TOKEN}")
        assert reply.code == code
    assert engine.acts == []


@pytest.mark.trio
async def test_reads_and_guesses_are_limited_and_the_token_holder_is_not() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        codes = [(await ask(port, "/api/v1/status")).code for _ in range(READS_BURST * 2)]
        assert 429 in codes
        assert codes[0] == 200
        assert (await reduce(port, token="wrong")).code == 429
        assert (await reduce(port)).code == 200
    assert len(engine.acts) == 1


@pytest.mark.trio
async def test_garbage_is_answered_and_the_next_request_served() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        assert (await raw(port, b"\x00\x01 nonsense\r\n\r\n")).code == 400
        assert (await ask(port, "/api/v1/status")).code == 200
    assert engine.faults == []


@pytest.mark.trio
async def test_silent_connections_cannot_keep_a_stop_out() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        silent = [await trio.open_tcp_stream("127.0.0.1", port) for _ in range(40)]
        assert (await reduce(port)).code == 200
        for stream in silent:
            await stream.aclose()


@pytest.mark.trio
async def test_only_loopback_listens() -> None:
    async with served(FakeEngine()) as port:
        with pytest.raises(OSError, match=r".*"):
            await trio.open_tcp_stream("127.0.0.2", port)


@pytest.mark.trio
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError("LEDGER", exit=Exit.LEDGER, what="w", why="y", next="n"), 503),
        (UserError("STOPPING", exit=Exit.NO_ENGINE, what="w", why="y", next="n"), 503),
        (ZeroDivisionError(), 500),
    ],
)
async def test_act_that_fails_says_so(error: Exception, code: int) -> None:
    engine = FakeEngine()
    engine.fail = error
    async with served(engine) as port:
        reply = await reduce(port)
        assert reply.code == code
        assert reply.json["schema"] == "bot.error/1"


@pytest.mark.trio
async def test_port_in_use_is_a_plain_error() -> None:
    async with served(FakeEngine()) as port:
        with pytest.raises(UserError) as caught:
            await serve_http(port, engine=FakeEngine(), once=None, token=TOKEN, metrics=lambda: "")
    assert caught.value.exit is Exit.CONFIG
    assert str(port) in caught.value.body.what


def test_token_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    token = http_token(tmp_path)
    assert len(token) >= 32
    assert http_token(tmp_path) == token
    assert stat.S_IMODE(token_path(tmp_path).stat().st_mode) == 0o600
    token_path(tmp_path).chmod(0o644)
    with pytest.raises(UserError) as caught:
        http_token(tmp_path)
    assert caught.value.exit is Exit.CONFIG
    assert token not in str(caught.value)


class Blind(FakeEngine):
    """An engine whose view cannot be shown: a bug of ours, while it lasts."""

    is_blind = True

    def view(self) -> View:
        """Return the view, or fail."""
        if self.is_blind:
            raise ValueError("a codec that raises")
        return super().view()


@pytest.mark.trio
@pytest.mark.rule("C-606")
async def test_a_bug_while_answering_is_a_cause_and_the_next_is_served() -> None:
    engine = Blind()
    async with served(engine) as port:
        with pytest.raises(IndexError):
            await ask(port, "/api/v1/status")  # closed without an answer
        engine.is_blind = False
        assert (await ask(port, "/api/v1/status")).code == 200
    assert [where for where, _ in engine.faults] == ["http"]


@pytest.mark.trio
@pytest.mark.parametrize("path", ["/metrics", "/api/v1/status", REDUCE, "/x"])
async def test_head_is_answered_without_a_body_and_is_no_fault(path: str) -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        reply = await ask(port, path, method="HEAD")
        assert reply.code in {404, 405}
        assert reply.body == b""
    assert engine.faults == []


@pytest.mark.trio
async def test_a_peer_that_resets_at_once_is_no_fault() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        for _ in range(20):
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await stream.aclose()
        assert (await ask(port, "/api/v1/status")).code == 200
    assert engine.faults == []


@pytest.mark.trio
async def test_a_wish_in_another_type_than_json_is_not_heard() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            reply = await ask(
                port,
                REDUCE,
                method="POST",
                body=b"{}",
                Authorization=f"Bearer {TOKEN}",
                **{"Content-Type": kind},
            )
            assert reply.code == 415
    assert engine.acts == []


@pytest.mark.trio
async def test_whoever_has_the_token_is_not_pushed_out_while_the_act_becomes_durable() -> None:
    engine = FakeEngine()
    engine.hold = trio.Event()
    replies: list[Reply] = []

    async with served(engine) as port, trio.open_nursery() as nursery:

        async def stop() -> None:
            replies.append(await reduce(port))

        nursery.start_soon(stop)
        while not engine.acts:  # noqa: ASYNC110  # the fake has no event for it
            await trio.sleep(0.01)
        crowd = [await trio.open_tcp_stream("127.0.0.1", port) for _ in range(CONNECTIONS_MAX + 8)]
        await trio.sleep(0.5)
        engine.hold.set()
        with trio.fail_after(5):
            while not replies:  # noqa: ASYNC110  # likewise
                await trio.sleep(0.01)
        for stream in crowd:
            await stream.aclose()
    assert [reply.code for reply in replies] == [200]


@pytest.mark.trio
async def test_reads_with_the_token_are_not_limited() -> None:
    async with served(FakeEngine()) as port:
        for _ in range(READS_BURST * 2):
            known = await ask(port, "/api/v1/health", Authorization=f"Bearer {TOKEN}")
            assert known.code == 200


ACTED = "/api/v1/emergency/watchdog_acted"


async def look(port: int, *, token: str = TOKEN, at: str = "77") -> Reply:
    headers = {"X-Bot-Watchdog": at, "Authorization": f"Bearer {token}"}
    return await ask(port, "/api/v1/health", **headers)


@pytest.mark.trio
@pytest.mark.rule("C-505")
async def test_the_watchdog_is_known_by_the_token_and_hears_the_cores_own_beat() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        assert (await look(port)).json["beat"] == 41
        engine.beat = 42  # no view was published in between
        assert (await look(port, at="78")).json["beat"] == 42
    assert engine.heeded == [77, 78]


@pytest.mark.trio
@pytest.mark.rule("C-505")
@pytest.mark.parametrize(
    ("token", "at"),
    [("", "77"), ("wrong", "77"), (TOKEN, ""), (TOKEN, "-1"), (TOKEN, "7.5"), (TOKEN, "9" * 19)],
)
async def test_whoever_is_not_the_watchdog_is_an_ordinary_reader(token: str, at: str) -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        assert (await look(port, token=token, at=at)).code == 200
    assert engine.heeded == []


@pytest.mark.trio
@pytest.mark.rule("C-505")
async def test_the_haste_of_other_readers_never_silences_the_engine() -> None:
    engine = FakeEngine()
    async with served(engine) as port:
        while (await ask(port, "/api/v1/health")).code != 429:
            pass
        assert (await look(port)).code == 200


@pytest.mark.trio
@pytest.mark.rule("C-505")
async def test_the_watchdog_owns_up_once_and_with_the_token_only() -> None:
    engine = FakeEngine()
    wish = json.dumps({"reason": "silent", "request_id": str(uuid.uuid4()), "by": "watchdog"})
    async with served(engine) as port:
        kind = {"Content-Type": "application/json"}
        bare = await ask(port, ACTED, method="POST", body=wish.encode(), **kind)
        assert bare.code == 401
        for _ in range(2):
            reply = await ask(
                port,
                ACTED,
                method="POST",
                body=wish.encode(),
                Authorization=f"Bearer {TOKEN}",
                **kind,
            )
            assert reply.code == 200
            assert reply.json["schema"] == "bot.emergency-watchdog-acted/1"
        assert (await ask(port, ACTED)).code == 405
    (act,) = engine.acts
    assert isinstance(act, OwnUp)
    assert (act.by, act.reason) == ("watchdog", "silent")
