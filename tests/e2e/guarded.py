"""A watchdog process beside an engine, and what the venue itself says of the orders."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.house import Json, rows, venue_call

__all__ = ["diary", "has_opens", "rest_one", "resting", "risky", "until", "watchdog"]


@contextmanager
def watchdog(home: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Run a watchdog beside the test; what is left of it at the end is ended."""
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "commands", "--home", str(home), "--json", "watchdog"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environ},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def diary(home: Path, event: str) -> list[Json]:
    """Return the watchdog's own lines of one kind."""
    path = home / "watchdog.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in map(json.loads, lines) if line["event"] == event]


def resting(home: Path) -> list[Json]:
    """Return what rests in the account, by the venue's word."""
    found: list[Json] = venue_call(
        home, "private/get_open_orders_by_currency", {"currency": "BTC"}, role="read"
    )
    return found


def risky(home: Path) -> list[Json]:
    """Return those of them that could add risk."""
    return [order for order in resting(home) if not order["reduce_only"]]


def rest_one(home: Path, *, reduce_only: bool = False) -> str:
    """Let another hand rest one order, over HTTP: no cancel-on-disconnect will ever reach it."""
    name = {"instrument_name": "BTC-PERPETUAL"}
    band = venue_call(home, "public/ticker", name)
    if reduce_only:  # it needs something to reduce
        venue_call(home, "private/buy", {**name, "amount": 10, "type": "market"})
    params: dict[str, Any] = {
        **name,
        "amount": 10,
        "type": "limit",
        "price": band["max_price"] if reduce_only else band["min_price"],
        "reduce_only": reduce_only,
        "label": "by-hand",
    }
    method = "private/sell" if reduce_only else "private/buy"
    order: Json = venue_call(home, method, params)["order"]
    assert order["order_state"] == "open"
    return str(order["order_id"])


def until(holds: Callable[[], object], *, within_s: float, what: str) -> float:
    """Wait until it holds; return how long that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_s, f"not within {within_s} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - began


def has_opens(home: Path) -> bool:
    """Say whether the engine itself shows a resting open."""
    return any(row["role"] == "OPEN" and row["order_id"] for row in rows(home, "orders"))
