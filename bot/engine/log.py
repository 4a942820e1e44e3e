"""Log lines: JSON, one a line, written by a thread of its own so that no disk can stall an order.

The queue is bounded; what does not fit is counted, and the count is a metric [C-704].
"""

import queue
import threading
from pathlib import Path
from typing import Any, Final, Protocol, final

import msgspec
import structlog

from bot.domain.instant import iso

__all__ = ["QUEUE_MAX", "Log", "ThreadLog"]

QUEUE_MAX: Final = 8_192
_KEPT_BYTES: Final = 64 * 1024 * 1024  # then the file is turned over, and one old one is kept


class Log(Protocol):
    """The seam: where lines go."""

    @property
    def dropped(self) -> int:
        """How many lines found no room or no disk."""
        ...

    def say(self, event: str, *, at_ms: int, **facts: Any) -> None:
        """Write a line; never waits, never raises."""
        ...

    def close(self) -> None:
        """Write what waits, and end."""
        ...


@final
class ThreadLog:
    """A bound logger: every line carries `run_id`; those about an order carry `intent_id`."""

    def __init__(self, path: Path, *, run_id: str) -> None:
        """Open the file and start the writing thread."""
        self.dropped = 0
        self._path = path
        self._lines: queue.Queue[bytes | None] = queue.Queue(maxsize=QUEUE_MAX)
        self._logger = structlog.wrap_logger(
            self, processors=[_render], wrapper_class=structlog.BoundLogger
        ).bind(run_id=run_id)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def say(self, event: str, *, at_ms: int, **facts: Any) -> None:
        """Write a line; never waits, never raises."""
        self._logger.msg(event, at=iso(at_ms), **facts)

    def msg(self, line: bytes) -> None:
        """Take a rendered line: the end of structlog's chain."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Write what waits, and end."""
        self._lines.put(None)
        self._thread.join(timeout=5.0)

    def _write(self) -> None:
        file = self._path.open("ab")
        while (line := self._lines.get()) is not None:
            try:
                file.write(line + b"\n")
                if self._lines.empty():
                    file.flush()
                if file.tell() > _KEPT_BYTES:
                    file.close()
                    self._path.replace(self._path.with_suffix(".old.jsonl"))
                    file = self._path.open("ab")
            except OSError:
                self.dropped += 1  # a full disk costs lines, never the run
        file.close()


def _render(_logger: object, _method: str, line: Any) -> tuple[tuple[bytes], dict[str, Any]]:
    return (msgspec.json.encode(line, enc_hook=str),), {}
