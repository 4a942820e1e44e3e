"""Frames of a real feed: the simulated exchange as a process of its own, read over its socket."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import msgspec
import trio

from bot.venue.link import Link
from bot.venue.websocket import websocket_dial

__all__ = ["Feed", "collect"]

_START_S: Final = 20.0
_OPTIONS: Final = 20  # instruments listened to, besides the perpetual


class Feed(msgspec.Struct, frozen=True):
    """What was read: the instrument list as the venue wrote it, and notifications in order."""

    instruments: bytes
    frames: tuple[bytes, ...]


def collect(folder: Path, *, count: int) -> Feed:
    """Start the exchange in a folder, take `count` notifications, end it."""
    state = folder / "exchange"
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "commands", "sim", "exchange", "--state", str(state), "--seed", "7"],
        stdout=subprocess.DEVNULL,
    )
    try:
        endpoint = state / "endpoint.json"
        deadline = time.monotonic() + _START_S
        while not endpoint.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the exchange did not start in {state}")
            time.sleep(0.05)
        url = msgspec.json.decode(endpoint.read_bytes())["ws"]
        return trio.run(_read, url, count)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_START_S)


async def _read(url: str, count: int) -> Feed:
    async with websocket_dial(url)() as link:
        listed = await _ask(
            link, 1, "public/get_instruments", {"currency": "BTC", "expired": False}
        )
        names = [row["instrument_name"] for row in msgspec.json.decode(listed)]
        options = sorted(name for name in names if name.endswith(("-C", "-P")))
        chosen = ["BTC-PERPETUAL", *options[:_OPTIONS]]
        channels = ["deribit_price_index.btc_usd"]
        channels += [f"{kind}.{name}.100ms" for name in chosen for kind in ("book", "ticker")]
        channels += ["trades.option.BTC.100ms", "trades.future.BTC.100ms"]
        await _ask(link, 2, "public/subscribe", {"channels": channels})
        frames: list[bytes] = []
        while len(frames) < count:
            frame = await link.receive()
            if b'"subscription"' in frame:
                frames.append(frame)
        return Feed(listed, tuple(frames))


async def _ask(link: Link, number: int, method: str, params: dict[str, Any]) -> bytes:
    question = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    await link.send(msgspec.json.encode(question))
    while True:
        frame = await link.receive()
        answer = msgspec.json.decode(frame, type=dict[str, msgspec.Raw])
        if bytes(answer.get("id", msgspec.Raw(b""))) == str(number).encode():
            return bytes(answer["result"])
