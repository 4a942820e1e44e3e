"""What the service manager hears is the core's own beat [C-505]."""

import pytest
import trio
from trio.testing import MockClock

from bot.core.event import OperatorDown
from bot.engine.clock import LocalClock, VenueClock
from bot.engine.inbox import Inbox
from bot.engine.pulse import tell_unit
from bot.engine.shell import Shell
from tests.bot.core.desk import ready
from tests.bot.engine.test_shell import Silent


@pytest.mark.trio
@pytest.mark.rule("C-505")
async def test_a_core_that_stands_still_says_nothing(autojump_clock: MockClock) -> None:
    desk = ready()
    inbox = Inbox(venue=VenueClock(LocalClock(speed=1.0)))
    shell, said = Shell(desk.state, inbox=inbox, log=Silent()), list[str]()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(tell_unit, shell, said.append)
        await trio.sleep(10)
        assert said == []  # not ready before the core has looked around once
        shell.looks = 1
        await trio.sleep(10)
        assert said == ["READY=1\nWATCHDOG=1"]
        for _ in range(5):
            shell.looks += 1
            await trio.sleep(2)
        assert said[1:] == ["WATCHDOG=1"] * 5
        desk.feed(OperatorDown(request_id=None, by="owner", why="SIGTERM", cancel_opens=True))
        shell.state = desk.state
        shell.looks += 1
        await trio.sleep(5)
        assert said[6:] == ["STOPPING=1", "WATCHDOG=1"]
        nursery.cancel_scope.cancel()
