"""The seams of DESIGN §8: production passes the real things, drills pass others [C-802].

Everything that time, chance, line and disk can do to the engine comes in through here. What is the
same in both is all the rest, and a drill that finds the engine elsewhere fails.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import trio

from bot.domain.ids import RunId
from bot.engine.clock import Clock, LocalClock
from bot.engine.committer import Blocking
from bot.engine.log import Log, ThreadLog
from bot.engine.machine import Look, OsMachine
from bot.engine.pace import PACE, Pace
from bot.venue.link import Dial
from bot.venue.websocket import websocket_dial
from ledger.files import OS_FILES, Files
from ledger.ledger import Ledger
from ledger.writer import Writer, open_writer

__all__ = ["REAL", "Seams"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """How time, chance, venue, disk and threads are reached."""

    clock: Clock
    token: Callable[[int], str]  # the hex digits of so many random bytes
    dial: Callable[[str], Dial]
    open_writer: Callable[[Ledger], AbstractAsyncContextManager[Writer]]
    in_thread: Blocking
    vfs: str | None  # SQLite's file seam by name; None is the real one
    files: Files  # the reserve's file seam
    open_log: Callable[[Path, RunId], Log]
    pid: Callable[[], int]
    machine: Look
    pace: Pace


async def _in_thread(act: Callable[[], T], /) -> T:
    # One that hangs in the kernel is left behind: waiting for it would keep the engine from ending,
    # and the end is what has the venue cancel.
    return await trio.to_thread.run_sync(act, abandon_on_cancel=True)


def _open_log(path: Path, run_id: RunId) -> Log:
    return ThreadLog(path, run_id=run_id)


REAL: Final = Seams(
    clock=LocalClock(speed=1.0),
    token=secrets.token_hex,
    dial=websocket_dial,
    open_writer=open_writer,
    in_thread=_in_thread,
    vfs=None,
    files=OS_FILES,
    open_log=_open_log,
    pid=os.getpid,
    machine=OsMachine(),
    pace=PACE,
)
