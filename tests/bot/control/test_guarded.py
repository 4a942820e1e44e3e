"""A server of watchers fails: the engine's nursery never hears of it, and clients are served on."""

import itertools

import pytest
import trio

from bot.control.guarded import AGAIN_S, guarded
from tests.bot.control.fake_engine import FakeEngine

pytestmark = pytest.mark.rule("C-606")


@pytest.mark.trio
async def test_a_server_that_fails_becomes_a_cause_and_serves_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    engine = FakeEngine()
    bound: list[int] = []
    begun: list[float] = []

    async def serve(*, task_status: trio.TaskStatus[int]) -> None:
        begun.append(trio.current_time())
        task_status.started(8_000 + len(begun))
        if len(begun) < 3:
            raise OSError("the listening socket failed")
        await trio.sleep_forever()

    with trio.move_on_after(10):
        async with trio.open_nursery() as nursery:

            async def start(task_status: trio.TaskStatus[int]) -> None:
                await guarded(
                    serve, engine=engine, where="http", on_up=bound.append, task_status=task_status
                )

            assert await nursery.start(start) == 8_001
    assert [where for where, _ in engine.faults] == ["http", "http"]
    assert bound == [8_001, 8_002, 8_003]
    assert [b - a for a, b in itertools.pairwise(begun)] == [AGAIN_S, AGAIN_S]


@pytest.mark.trio
async def test_a_server_that_cannot_begin_is_told_to_who_starts_it() -> None:
    engine = FakeEngine()

    async def serve(*, task_status: trio.TaskStatus[int]) -> None:
        raise OSError("the port is taken")

    with pytest.raises(OSError, match="taken"):
        await guarded(serve, engine=engine, where="http", on_up=str)
    assert engine.faults == []


@pytest.mark.trio
async def test_an_end_that_is_asked_for_is_the_end() -> None:
    async def serve(*, task_status: trio.TaskStatus[int]) -> None:
        task_status.started(1)

    await guarded(serve, engine=FakeEngine(), where="http", on_up=str)
