"""A home with a real socket and a fake engine behind it, and the real command beside it."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import trio

from bot.control.once import Once
from bot.control.place import socket_place
from bot.control.socket import serve_socket
from tests.bot.control.fake_engine import FakeEngine

ROOT = Path(__file__).resolve().parents[2]


class Ran(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


def command(*words: str, home: Path, **env: str) -> Ran:
    """Run `bot` off a terminal."""
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "commands.main", *words],
        cwd=ROOT,
        env=_env(home, env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def at_terminal(*words: str, home: Path, typed: str) -> Ran:
    """Run `bot` with stdin and stderr on a terminal, where somebody types."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "commands.main", *words],
        cwd=ROOT,
        env=_env(home, {}),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    out, _ = process.communicate(timeout=60)
    said = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the other end is closed: all was said
            break
        if not part:
            break
        said += part
    os.close(ours)
    return Ran(process.returncode, out, said.decode())


def _env(home: Path, more: dict[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "BOT_HOME": str(home), "PYTHONUTF8": "1", **more}


@asynccontextmanager
async def lived_in(home: Path, engine: FakeEngine) -> AsyncIterator[trio.CancelScope]:
    """Serve the home's socket; the scope yielded stops the server."""
    async with trio.open_nursery() as acts, trio.open_nursery() as nursery:
        once = Once(engine, nursery=acts)

        async def start(task_status: trio.TaskStatus[None]) -> None:
            await serve_socket(
                socket_place(home),
                engine=engine,
                once=once,
                metrics=lambda: "",
                holds_ledger_lock=True,
                task_status=task_status,
            )

        await nursery.start(start)
        yield nursery.cancel_scope
        nursery.cancel_scope.cancel()


async def ran(*words: str, home: Path, **env: str) -> Ran:
    """Run `bot` beside the server, off a terminal."""
    return await trio.to_thread.run_sync(lambda: command(*words, home=home, **env))


async def typed_at(*words: str, home: Path, typed: str) -> Ran:
    """Run `bot` beside the server, at a terminal."""
    return await trio.to_thread.run_sync(lambda: at_terminal(*words, home=home, typed=typed))


async def shown_at(home: Path, env: dict[str, str]) -> str:
    """Run `bot status --lines` with stdout on a terminal and return what it shows."""
    ours, theirs = pty.openpty()
    await trio.run_process(
        [sys.executable, "-m", "commands.main", "status", "--lines"],
        cwd=ROOT,
        env=_env(home, env),
        stdout=theirs,
    )
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    return shown
