"""The watchdog's way to the engine, over the engine's own HTTP [C-505]."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from bot.control.http import serve_http
from bot.control.once import Once
from bot.control.port import OwnUp, SetMode
from bot.control.token import http_token
from bot.domain.mode import Mode
from bot.watchdog.judge import Beat
from bot.watchdog.patient import Patient, Tell
from tests.bot.control.fake_engine import FakeEngine

pytestmark = [pytest.mark.trio, pytest.mark.rule("C-505")]

TELL = Tell(request_id="7a8f5f3e-7f0e-4a52-9d2f-0d6f0b1c2d3e", reason="silent")


@asynccontextmanager
async def served(engine: FakeEngine, home: Path) -> AsyncIterator[None]:
    token = http_token(home)
    async with trio.open_nursery() as nursery:
        once = Once(engine, nursery=nursery)
        port = await nursery.start(
            partial(serve_http, 0, engine=engine, once=once, token=token, metrics=lambda: "")
        )
        (home / "run/http.port").write_text(f"{port}\n")
        yield
        nursery.cancel_scope.cancel()


async def test_it_hears_the_beat_and_is_heeded_when_it_may_say_that_it_looks(
    tmp_path: Path,
) -> None:
    engine, patient = FakeEngine(), Patient(tmp_path)
    async with served(engine, tmp_path):
        assert await patient.look(mono_ms=None) == Beat(run_id="r-0193", count=41)
        assert engine.heeded == []
        assert await patient.look(mono_ms=123) == Beat(run_id="r-0193", count=41)
        assert engine.heeded == [123]


async def test_what_it_tells_is_one_act_however_often_it_is_told(tmp_path: Path) -> None:
    engine, patient = FakeEngine(), Patient(tmp_path)
    async with served(engine, tmp_path):
        assert await patient.own_up(TELL)
        assert await patient.own_up(TELL)
    assert engine.acts == [OwnUp(by="watchdog", reason="silent", request_id=TELL.request_id)]


async def test_it_asks_for_no_new_risk(tmp_path: Path) -> None:
    engine, patient = FakeEngine(), Patient(tmp_path)
    async with served(engine, tmp_path):
        assert await patient.ask_reduce_only(TELL)
    (act,) = engine.acts
    assert isinstance(act, SetMode)
    assert act.mode is Mode.REDUCE_ONLY


async def test_what_is_not_durable_in_time_is_not_told(tmp_path: Path) -> None:
    engine, patient = FakeEngine(), Patient(tmp_path)
    engine.hold = trio.Event()
    async with served(engine, tmp_path):
        assert not await patient.own_up(TELL)


async def test_without_an_engine_there_is_no_beat(tmp_path: Path) -> None:
    patient = Patient(tmp_path)
    assert await patient.look(mono_ms=1) is None
    http_token(tmp_path)
    (tmp_path / "run/http.port").write_text("1\n")  # nobody listens there
    assert await patient.look(mono_ms=1) is None
    (tmp_path / "run/http.port").write_text("none\n")
    assert await patient.look(mono_ms=1) is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"no HTTP at all\r\n\r\n",
        b'HTTP/1.1 200 OK\r\n\r\n{"run_id": "r", "beat": "x"}',
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 400_000,
    ],
)
async def test_an_answer_that_makes_no_sense_is_no_beat(tmp_path: Path, answer: bytes) -> None:
    async def serve(stream: trio.SocketStream) -> None:
        await stream.receive_some(65_536)
        await stream.send_all(answer)

    await _against(serve, tmp_path)


async def test_an_engine_that_takes_the_request_and_says_nothing_is_not_waited_for(
    tmp_path: Path,
) -> None:
    async def serve(stream: trio.SocketStream) -> None:
        await trio.sleep_forever()

    began = trio.current_time()
    await _against(serve, tmp_path)
    assert trio.current_time() - began < 2.0


async def _against(serve: object, home: Path) -> None:
    http_token(home)
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, serve, listeners)
        (home / "run/http.port").write_text(f"{listeners[0].socket.getsockname()[1]}\n")
        assert await Patient(home).look(mono_ms=1) is None
        nursery.cancel_scope.cancel()
