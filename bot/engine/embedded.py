"""The embedded exchange of DEV: a process of its own that outlives a crash of the engine.

It is started when none is up for this home, found again when one is, and stopped on a clean exit.
All of this blocks, and runs in a thread before and after the engine itself.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from bot.control.errors import Exit, UserError
from bot.engine.home import Home
from bot.venue.key import KeyUnusableError, read_key
from bot.venue.secret import Credentials

__all__ = ["Endpoint", "credentials", "ensure_exchange", "stop_exchange"]

_START_S: Final = 30.0
_STOP_S: Final = 10.0
_POLL_S: Final = 0.05
_IDLE_S: Final = 900  # it ends by itself when nobody has been connected for so long


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where the exchange listens, as it says itself."""

    port: int
    pid: int
    http: str
    ws: str
    seed: int
    speed: float


def ensure_exchange(
    home: Home,
    *,
    seed: int,
    market: Path | None,
    speed: float,
    go_on: Callable[[], None] = lambda: None,
) -> Endpoint:
    """Return a living exchange of this home, started if need be.

    `go_on` is called while it waits, and raises to give up: then what was started is ended again.
    Raises UserError VENUE when it does not come up; what it said is in the message.
    """
    found = _living(home)
    if found is not None and found.speed != speed:
        stop_exchange(home, found)  # it goes on where it stood, at the other speed
        found = None
    if found is not None:
        return found
    command = [sys.executable, "-m", "commands", "sim", "exchange"]
    command += ["--state", str(home.exchange), "--port", "0", "--seed", str(seed)]
    command += ["--speed", str(speed), "--idle", str(_IDLE_S)]
    if market is not None:
        command += ["--market", str(market.absolute())]
    log = home.log / "exchange.log"
    with log.open("ab") as output:
        # A session of its own: Ctrl-C in this terminal is meant for the engine alone.
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        endpoint = _living(home)
        if endpoint is not None and endpoint.pid == process.pid:
            return endpoint
        time.sleep(_POLL_S)
        try:
            go_on()
        except BaseException:  # whatever it is, no exchange is left behind
            process.terminate()
            process.wait(_STOP_S)
            raise
    code = process.poll()
    if code is None:
        process.terminate()
    raise UserError(
        "EXCHANGE",
        exit=Exit.CONFIG if code == Exit.CONFIG else Exit.VENUE,
        what=f"Cannot start: the embedded exchange did not come up. {_last_words(log)}",
        why="Without it there is nothing to trade with. Nothing was sent.",
        next=f"Read the rest: {log}",
    )


def stop_exchange(home: Home, endpoint: Endpoint) -> None:
    """Ask the exchange to end, and wait for it; one that has ended already is left in peace."""
    living = _living(home)
    if living is None or living.pid != endpoint.pid:
        return
    with suppress(ProcessLookupError):
        os.kill(endpoint.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_S
    while _is_alive(endpoint.pid) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def credentials(home: Home, *, role: str) -> Credentials:
    """Return the key of a role: the service manager's, else the exchange's own.

    Raises UserError CONFIG without one.
    """
    named = os.environ.get("CREDENTIALS_DIRECTORY")
    folder = Path(named) if named else None
    try:
        return read_key(role, credentials=folder, file=home.exchange / "keys.json")
    except KeyUnusableError as unusable:
        raise UserError(
            "KEY",
            exit=Exit.CONFIG,
            what=f"Cannot start: {unusable}.",
            why="The exchange makes its keys at its first start. Nothing was sent.",
            next=f"Remove {home.exchange} to begin with a fresh exchange, then: bot run",
        ) from None


def _living(home: Home) -> Endpoint | None:
    try:
        endpoint = msgspec.json.decode(
            (home.exchange / "endpoint.json").read_bytes(), type=Endpoint
        )
    except (OSError, msgspec.DecodeError):
        return None
    # The pid alone proves nothing: it may be another program's by now. The exchange holds its
    # folder's lock for as long as it lives.
    return endpoint if _is_alive(endpoint.pid) and _is_locked(home.exchange / "lock") else None


def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _is_alive(pid: int) -> bool:
    """Say whether the process runs; a child of ours that has ended is reaped on the way."""
    with suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _last_words(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text(errors="replace").strip().splitlines()
        if lines:
            return lines[-1][:200]
    return ""
