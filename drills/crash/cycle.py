"""One cycle: an act in a process of its own, until the trap kills it.

The process is forked from one that has the engine's code loaded and nothing running, so that a
cycle costs no second start of the interpreter.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from drills.crash.trap import Set, Trap

__all__ = ["Act", "Ended", "run_forked"]

Act = Callable[[Trap], None]

_POLL_S: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended. `fault` is the engine's own last word when it ended badly by itself."""

    is_sprung: bool
    fault: str | None
    seconds: float


def run_forked(home: Path, act: Act, *, set_: Set | None, limit_s: float) -> Ended:
    """Do one act to its end, at most `limit_s`; past that it is killed wherever it is."""
    began = time.monotonic()
    heard, tell = os.pipe()
    errors = home / "log" / "engine.err"
    errors.parent.mkdir(parents=True, exist_ok=True)
    errors.write_bytes(b"")
    child = os.fork()
    if child == 0:
        os.close(heard)
        _live(act, errors, Trap(set_, tell=tell))
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


def _live(act: Act, errors: Path, trap: Trap) -> NoReturn:
    """Be the process that dies: nothing of the parent's is used from here on."""
    code = 70
    try:
        log = os.open(errors, os.O_WRONLY | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(log, stream)
        act(trap)
        code = 0
    except BaseException:  # noqa: BLE001  # the outermost frame of this process: told, then it ends
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(code)
