"""Finding the exchange of a home, and no other process [C-606]."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from bot.engine.embedded import Endpoint, stop_exchange
from bot.engine.home import make_home


def endpoint(pid: int) -> Endpoint:
    return Endpoint(port=1, pid=pid, http="http://127.0.0.1:1", ws="ws://x", seed=7, speed=1.0)


def test_a_process_that_took_over_the_pid_is_left_in_peace(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    home.exchange.mkdir()
    (home.exchange / "lock").touch()
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)  # a stranger
    try:
        stale = endpoint(other.pid)
        (home.exchange / "endpoint.json").write_bytes(msgspec.json.encode(stale))
        stop_exchange(home, stale)
        assert other.poll() is None
    finally:
        other.kill()
        other.communicate()


def test_the_holder_of_the_folder_is_asked_to_end(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    home.exchange.mkdir()
    program = (
        "import fcntl, sys;"
        f"lock = open({os.fspath(home.exchange / 'lock')!r}, 'wb');"
        "fcntl.flock(lock, fcntl.LOCK_EX); print('held', flush=True); input()"
    )
    holder = subprocess.Popen(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        living = endpoint(holder.pid)
        (home.exchange / "endpoint.json").write_bytes(msgspec.json.encode(living))
        stop_exchange(home, living)
        assert holder.poll() is not None
    finally:
        holder.kill()
        holder.communicate()
