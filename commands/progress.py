"""How far a long command is: a bar on a terminal, else a line now and then (UX §4.1)."""

import sys
import time
from types import TracebackType
from typing import Final, Self, final

from commands.session import Session

__all__ = ["Bar"]

WIDTH: Final = 30
_TENTHS: Final = 10
_PAUSE_S: Final = 30.0
SHOW_AFTER_S: Final = 0.5  # what ends sooner needs no bar


@final
class Bar:
    """Shows (done, of) on stderr for the time of the block; not when quiet or for `--json`."""

    def __init__(self, what: str, *, session: Session, after_s: float = SHOW_AFTER_S) -> None:
        """Name what takes its time, in a word or two; nothing is shown in the first `after_s`."""
        self._after_s = after_s
        self._what = what
        self._is_shown = not session.is_quiet and not session.as_json
        self._is_terminal = sys.stderr.isatty()
        self._is_ascii = session.is_ascii
        self._began_s = self._said_s = time.monotonic()
        self._tenth = 0
        self._is_drawn = False

    def __call__(self, done: int, of: int) -> None:
        """Show it, where there is something new to show."""
        now_s = time.monotonic()
        if not self._is_shown or of <= 0 or now_s - self._began_s < self._after_s:
            return
        tenth = _TENTHS * done // of
        if self._is_terminal:
            self._draw(done, of)
        elif tenth > self._tenth or now_s - self._said_s >= _PAUSE_S:
            print(f"{self._what}: {100 * done // of} %", file=sys.stderr)
            self._tenth, self._said_s = tenth, now_s

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar off the line."""
        if self._is_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self, done: int, of: int) -> None:
        full, empty = ("#", ".") if self._is_ascii else ("█", "░")
        width = WIDTH * done // of
        bar = full * width + empty * (WIDTH - width)
        sys.stderr.write(f"\r\x1b[K{self._what} {bar} {100 * done // of:3} %")
        sys.stderr.flush()
        self._is_drawn = True
