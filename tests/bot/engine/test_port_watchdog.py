"""What the engine shows of itself, and when it was true."""

from pathlib import Path

import pytest

from bot.core.event import WatchdogBeat
from bot.engine.clock import LocalClock, VenueClock
from bot.engine.inbox import Inbox
from bot.engine.port import EnginePort
from bot.engine.shell import Shell
from tests.bot.core.desk import ready
from tests.bot.engine.test_shell import Silent


def made(home: Path) -> tuple[EnginePort, Shell]:
    inbox = Inbox(venue=VenueClock(LocalClock(speed=1.0)))
    shell = Shell(ready().state, inbox=inbox, log=Silent())
    return EnginePort(shell, log=Silent(), home=home), shell


@pytest.mark.rule("C-505")
def test_the_beat_is_the_cores_of_this_moment_and_moves_for_nobody_else(tmp_path: Path) -> None:
    port, shell = made(tmp_path)
    shell.looks = 7
    assert port.health().beat == 7  # without a view in between
    for _ in range(3):
        port.refresh()  # the views go on, as they do when only the core hangs
        port.heed(at_mono_ms=1)
    assert port.health().beat == 7


@pytest.mark.trio
@pytest.mark.rule("C-505")
async def test_that_the_watchdog_looks_is_an_event_like_any_other(tmp_path: Path) -> None:
    port, shell = made(tmp_path)
    port.heed(at_mono_ms=5)
    assert (await shell.inbox.get()).what == WatchdogBeat(at_mono_ms=5)
