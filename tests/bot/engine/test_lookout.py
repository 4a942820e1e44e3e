"""The shell's look-outs tell figures, at their own pace, and judge nothing."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from bot.core.event import LockLost, Observed
from bot.domain.ids import RunId
from bot.engine.clock import VenueClock
from bot.engine.committer import WAITING_MAX, Committer, Disk
from bot.engine.inbox import PRICES_MAX, Inbox
from bot.engine.lookout import Lookout, Places
from bot.engine.pace import PACE
from bot.monitors.observed import KernelClock, Machine, Observation
from bot.venue.purse import Purse
from tests.bot.venue.test_session import World

WELL = Machine(
    age_ms=0,
    bytes_free=1,
    entries_free=2,
    reserve_fault=None,
    kernel_clock=KernelClock(is_synced=True, error_ms=1),
    policy_hash="p",
)


class Virtual:
    """A clock of the machine that runs with the test's."""

    def now_ms(self) -> int:
        """Return wall time."""
        return self.mono_ms()

    def mono_ms(self) -> int:
        """Return monotonic time."""
        return int(trio.current_time() * 1000)


async def in_place(act: Callable[[], Any], /) -> Any:
    """Look at once."""
    await trio.lowlevel.checkpoint()
    return act()


@asynccontextmanager
async def looking(
    machine: Callable[[], Machine],
    in_thread: Any = in_place,
    still_alone: Callable[[], bool] = lambda: True,
) -> AsyncGenerator[tuple[Inbox, Lookout, Purse]]:
    clock = Virtual()
    inbox = Inbox(venue=VenueClock(clock))
    disk = Disk(
        writer=None,  # type: ignore[arg-type]  # nothing is written
        reserve=None,  # type: ignore[arg-type]  # nothing is written
        in_thread=in_place,
        poison=lambda _why: None,
        still_alone=still_alone,
    )
    purse = Purse()
    lookout = Lookout(
        Places(
            session=World().session,
            purse=purse,
            inbox=inbox,
            committer=Committer(disk, inbox=inbox, run_id=RunId("run-1")),
            machine=machine,
            in_thread=in_thread,
        ),
        local=clock,
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lookout.look_at_machine, PACE)
        nursery.start_soon(lookout.tell, PACE)
        yield inbox, lookout, purse
        nursery.cancel_scope.cancel()


async def next_told(inbox: Inbox) -> Observation:
    what = (await inbox.get()).what
    assert isinstance(what, Observed)
    return what.what


@pytest.mark.trio
@pytest.mark.rule("C-606")
async def test_figures_come_at_the_pace_with_their_age(autojump_clock: MockClock) -> None:
    async with looking(lambda: WELL) as (inbox, lookout, purse):
        await trio.sleep(4.99)
        told = []
        while len(inbox):
            told.append(await next_told(inbox))
        assert 10 <= len(told) <= 11
        last = told[-1]
        assert last.machine is not None
        assert 4_000 <= last.machine.age_ms < 5_000
        assert (last.line.silence_ms, last.line.refusals, last.line.trips_ms) == (None, 0, ())
        assert [(q.name, q.bound) for q in last.queues] == [
            ("inbox", PRICES_MAX),
            ("ledger", WAITING_MAX),
        ]
        lookout.note_trip(17)
        purse.limited()
        await trio.sleep(0.5)
        told_now = await next_told(inbox)
        assert told_now.line.trips_ms == (17,)
        assert len(told_now.line.limited_ms) == 1


@pytest.mark.trio
@pytest.mark.rule("C-606")
async def test_a_look_that_hangs_grows_old_and_holds_up_nothing(autojump_clock: MockClock) -> None:
    looks = 0

    async def hanging(act: Callable[[], Any], /) -> Any:
        nonlocal looks
        looks += 1
        if looks > 1:
            await trio.sleep_forever()
        return act()

    async with looking(lambda: WELL, hanging) as (inbox, _, _):
        await trio.sleep(100)
        told = []
        while len(inbox):
            told.append(await next_told(inbox))
        assert told[-1].machine is not None
        assert told[-1].machine.age_ms > 99_000
        assert looks == 2  # one at a time, so that threads do not pile up


@pytest.mark.trio
@pytest.mark.rule("C-606")
async def test_a_look_that_fails_is_the_worst_answer(autojump_clock: MockClock) -> None:
    def broken() -> Machine:
        raise RuntimeError("boom")

    async with looking(broken) as (inbox, _, _):
        await trio.sleep(1)
        while len(inbox):
            told = await next_told(inbox)
        assert told.machine is not None
        assert told.machine.bytes_free is None
        assert "boom" in (told.machine.reserve_fault or "")


@pytest.mark.trio
@pytest.mark.rule("C-202")
async def test_a_lock_that_is_lost_is_told_within_a_second_of_rest(
    autojump_clock: MockClock,
) -> None:
    lost_s: list[float] = []
    async with looking(lambda: WELL, still_alone=lambda: not lost_s) as (inbox, _, _):
        await trio.sleep(3.1)
        while len(inbox):
            assert not isinstance((await inbox.get()).what, LockLost)
        lost_s.append(trio.current_time())
        with trio.fail_after(1.0):
            while not isinstance((await inbox.get()).what, LockLost):
                pass
