"""A home with a real engine process and a real exchange process in it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

START_S = 30.0

Json = dict[str, Any]


def bot(home: Path, *words: str, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run one command of `bot` to its end, off a terminal."""
    return subprocess.run(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "commands", "--home", str(home), *words],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def run_to_end(home: Path, *words: str, timeout_s: float = 120.0) -> Json:
    """Run the engine for its time and return its document."""
    done = bot(home, "run", "--env", "dev", "--json", *words, timeout_s=timeout_s)
    assert done.returncode == 0, done.stdout + done.stderr
    document: Json = json.loads(done.stdout)
    return document


@contextmanager
def engine(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run an engine beside the test; what is left of it at the end is ended."""
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "commands", "--home", str(home), "run", "--env", "dev", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)
        stop_exchange(home)


def status(home: Path) -> Json:
    """Return the status document, connected or not."""
    document: Json = json.loads(bot(home, "status", "--json").stdout)
    return document


def wait_for(home: Path, what: str, *, within_s: float = START_S) -> Json:
    """Wait until a fact of the status holds: `connected`, `open` or `shut`."""
    deadline = time.monotonic() + within_s
    while True:
        now = status(home)
        is_open = now["connected"] and now["latch"]["open"]
        if {"connected": now["connected"], "open": is_open}[what]:
            return now
        assert time.monotonic() < deadline, f"not {what} within {within_s} s: {now['lines']}"
        time.sleep(0.1)


def rows(home: Path, noun: str) -> list[Json]:
    """Return the rows of `orders`, `positions` or `fills`."""
    found: list[Json] = json.loads(bot(home, noun, "--json").stdout)[noun]
    return found


def venue_call(home: Path, method: str, params: Json | None = None, *, role: str = "trade") -> Any:
    """Ask the exchange itself, by a client that is not ours."""
    endpoint = json.loads((home / "exchange/endpoint.json").read_text())
    keys = json.loads((home / "exchange/keys.json").read_text())
    key = next(key for key in keys if key["role"] == role)
    answer = httpx.post(
        f"{endpoint['http']}/api/v2",
        json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}},
        auth=(key["client_id"], key["client_secret"]),
    ).json()
    assert "result" in answer, answer
    return answer["result"]


def stop_exchange(home: Path) -> None:
    """End the exchange of a home, if one is up."""
    path = home / "exchange/endpoint.json"
    if not path.exists():
        return
    pid = json.loads(path.read_text())["pid"]
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 10
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
