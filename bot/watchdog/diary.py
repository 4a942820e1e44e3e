"""What the watchdog has done: one JSON line an act, and the one thing it must not forget.

A thread of its own writes, so that neither a hanging disk nor a stopped terminal stops a cancel.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, final

import msgspec

from bot.domain.instant import iso
from bot.watchdog.patient import Tell

__all__ = ["KEPT_BYTES", "Diary", "untold"]

KEPT_BYTES: Final = 1_048_576  # then the file is turned over, and one old one is kept
_QUEUE_MAX: Final = 1_024
_CLOSE_S: Final = 2.0


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    tell: Tell | None = None


def untold(home: Path) -> Tell | None:
    """Return what the engine of a home is still to be told; None too when that cannot be read."""
    try:
        return msgspec.json.decode(_kept(home).read_bytes(), type=_Kept).tell
    except (OSError, msgspec.DecodeError):
        return None


def _kept(home: Path) -> Path:
    return home / "run" / "watchdog.json"


@final
class Diary:
    """`watchdog.jsonl` and `run/watchdog.json` of a home, both for the owner only."""

    def __init__(self, home: Path, *, show: Callable[[str], None]) -> None:
        """Take up what an earlier watchdog has not told the engine yet; `show` is for people."""
        self._lines = home / "watchdog.jsonl"
        self._kept = _kept(home)
        self._show = show
        self.lost = 0  # lines that found no room or no disk
        self.tell = untold(home)
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue(maxsize=_QUEUE_MAX)
        self._thread = threading.Thread(target=self._run, name="diary", daemon=True)
        self._thread.start()

    def note(self, event: str, text: str, /, **facts: str | int | bool) -> None:
        """Write a line, and show its text. Never waits, never raises."""
        at = iso(time.time_ns() // 1_000_000)
        line = msgspec.json.encode({"at": at, "event": event} | facts)
        self._put(lambda: self._write(line))
        self._put(lambda: self._show(f"{at[11:19]}  {text}"))

    def keep(self, tell: Tell | None) -> None:
        """Remember over a restart what the engine is still to be told; None when nothing is."""
        self.tell = tell
        self._put(lambda: self._save(tell))

    def close(self) -> None:
        """Write what waits, and end; a disk that hangs is left behind."""
        with suppress(queue.Full):
            self._work.put_nowait(None)
        self._thread.join(timeout=_CLOSE_S)

    def _put(self, work: Callable[[], None]) -> None:
        try:
            self._work.put_nowait(work)
        except queue.Full:
            self.lost += 1

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except OSError:
                self.lost += 1  # a full disk, or a terminal that is gone, costs the line only

    def _write(self, line: bytes) -> None:
        with suppress(FileNotFoundError):
            if self._lines.stat().st_size + len(line) >= KEPT_BYTES:
                self._lines.replace(self._lines.with_suffix(".old.jsonl"))
        handle = os.open(self._lines, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(line + b"\n")

    def _save(self, tell: Tell | None) -> None:
        fresh = self._kept.with_suffix(".tmp")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(_Kept(tell=tell)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._kept)
