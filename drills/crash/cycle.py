"""One cycle: the real engine in a process of its own, until the trap kills it.

The process is forked from one that has the engine's code loaded and nothing running, so that a
cycle costs no second start of the interpreter.
"""

import gc
import os
import random
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

import trio

from bot.domain.mode import Environment
from bot.engine.options import RunOptions
from bot.engine.run import run_engine
from bot.engine.seams import REAL, Seams
from drills.crash.files import TrappedFiles
from drills.crash.line import trapped_dial
from drills.crash.phase import Phase
from drills.crash.trap import Set, Trap
from drills.crash.writer import trapped_writer
from drills.disk import watched_disk

__all__ = ["Ended", "run_forked"]

_POLL_S: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended. `fault` is the engine's own last word when it ended badly by itself."""

    is_sprung: bool
    fault: str | None
    seconds: float


def run_forked(
    home: Path, *, set_: Set | None, for_s: float | None, strategy: str | None, limit_s: float
) -> Ended:
    """Run one engine to its end, at most `limit_s`; past that it is killed wherever it is."""
    began = time.monotonic()
    heard, tell = os.pipe()
    errors = home / "log" / "engine.err"
    errors.parent.mkdir(parents=True, exist_ok=True)
    errors.write_bytes(b"")
    child = os.fork()
    if child == 0:
        os.close(heard)
        _live(home, errors, Trap(set_, tell=tell), for_s=for_s, strategy=strategy)
    os.close(tell)
    try:
        status = _wait(child, deadline=began + limit_s)
        is_sprung = os.read(heard, 16) == b"sprung"
    finally:
        os.close(heard)
    fault = None
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        fault = errors.read_text(encoding="utf-8", errors="replace").strip()[-500:]
    return Ended(is_sprung=is_sprung, fault=fault, seconds=time.monotonic() - began)


def _wait(child: int, *, deadline: float) -> int:
    while True:
        # Any child: the exchange is one too, and must not stay as a zombie when it ends.
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == child:
            return status
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1]
        time.sleep(_POLL_S)


def _live(
    home: Path, errors: Path, trap: Trap, *, for_s: float | None, strategy: str | None
) -> NoReturn:
    """Be the engine: nothing of the parent's is used from here on."""
    code = 70
    try:
        log = os.open(errors, os.O_WRONLY | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(log, stream)
        gc.freeze()
        options = RunOptions(
            home=home,
            environment=Environment.DEV,
            seed=random.SystemRandom().randrange(2**32),
            for_s=for_s,
            market=None,
            speed=1.0,
            strategy=strategy,
            live_confirmed=False,
            as_json=True,
        )
        trio.run(partial(run_engine, options, _seams(trap, for_s=for_s)))
        code = 0
    except BaseException:  # noqa: BLE001  # the outermost frame of this process: told, then it ends
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(code)


def _seams(trap: Trap, *, for_s: float | None) -> Seams:
    if not trap.is_set:
        return REAL
    phase = Phase(for_s=for_s)
    return Seams(
        dial=partial(trapped_dial, trap, phase),
        open_writer=partial(trapped_writer, trap, phase),
        vfs=watched_disk(TrappedFiles(trap, phase)),
    )
