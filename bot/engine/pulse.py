"""What the engine does again and again by itself: tick, publish, compare clocks."""

from collections.abc import Callable
from typing import Final

import trio

from bot.core.event import ClockSampled, OperatorDown, Tick
from bot.engine.clock import Clock, VenueClock
from bot.engine.inbox import Inbox
from bot.engine.pace import Pace
from bot.engine.port import EnginePort
from bot.engine.shell import Shell
from bot.venue.read import ReadFailed, ReadPort

__all__ = ["end_after", "publish", "sample_clock", "tell_unit", "tick"]

_PUBLISH_AGAIN_S: Final = 5.0
_TIGHT_MS: Final = 100  # above it the next comparison comes sooner
_UNIT_S: Final = 1.0  # far below the units' WatchdogSec
_FIRST_SAMPLE_S: Final = 0.05  # until there is one nothing can be opened


async def tick(inbox: Inbox, pace: Pace) -> None:
    """Let the core look around, at its own pace."""
    while True:
        await trio.sleep(pace.tick_s)
        inbox.put(Tick())


async def publish(port: EnginePort, pace: Pace) -> None:
    """Keep the published view fresh."""
    while True:
        await trio.sleep(pace.publish_s)
        try:
            port.refresh()
        except Exception as error:  # noqa: BLE001  # C-606: the view fails, the engine goes on
            port.fault(where="publish", error=error)
            await trio.sleep(_PUBLISH_AGAIN_S)


async def sample_clock(
    read: ReadPort,
    clock: VenueClock,
    local: Clock,
    inbox: Inbox,
    pace: Pace,
    note_trip: Callable[[int], None],
) -> None:
    """Compare the clocks: often until the error is small, then each second."""
    pause_s = _FIRST_SAMPLE_S
    while True:
        asked_ms, asked_mono_ms = local.now_ms(), local.mono_ms()
        at = await read.get_time()
        if not isinstance(at, ReadFailed):
            answered_ms = local.now_ms()
            note_trip(local.mono_ms() - asked_mono_ms)  # a recording's time runs faster
            sample = clock.take(asked_ms=asked_ms, answered_ms=answered_ms, venue_ms=at.at_ms)
            inbox.put(ClockSampled(offset_ms=sample.offset_ms, bound_ms=sample.bound_ms))
            is_tight = sample.bound_ms <= _TIGHT_MS
            pause_s = pace.sample_s if is_tight else pace.sample_s / 5
        await trio.sleep(pause_s)


async def tell_unit(shell: Shell, say: Callable[[str], None]) -> None:
    """Tell the service manager of the core's own beat: silence of it is silence here [C-505]."""
    told, is_ready = 0, False
    while not shell.stopped.is_set() and shell.state.stopping is None:
        if shell.looks != told:
            told = shell.looks
            say("WATCHDOG=1" if is_ready else "READY=1\nWATCHDOG=1")
            is_ready = True
        await trio.sleep(_UNIT_S)
    say("STOPPING=1")
    while True:  # a stop in order takes its time, and must not be cut short while the core moves
        if shell.looks != told:
            told = shell.looks
            say("WATCHDOG=1")
        await trio.sleep(_UNIT_S)


async def end_after(inbox: Inbox, seconds: float) -> None:
    """End a run that was asked for a time."""
    await trio.sleep(seconds)
    inbox.put(
        OperatorDown(request_id=None, by="run", why=f"ran for {seconds:g} s", cancel_opens=True)
    )
