"""Progress on stderr: a bar on a terminal, else a line for each tenth."""

import sys
from typing import Final, TextIO, final

__all__ = ["Progress"]

_CELLS: Final = 40


@final
class Progress:
    """Counts to a total; nothing is written when it is silent."""

    def __init__(
        self, what: str, *, total: int, is_silent: bool = False, to: TextIO | None = None
    ) -> None:
        """Begin at nothing done, out of `total`."""
        self._what, self._total = what, max(total, 1)
        self._to = sys.stderr if to is None else to
        self._is_silent = is_silent
        self._done = self._tenths = 0

    def add(self, count: int = 1) -> None:
        """Count some more as done."""
        self._done += count
        if self._is_silent:
            return
        if self._to.isatty():
            filled = min(_CELLS, _CELLS * self._done // self._total)
            bar = "#" * filled + "." * (_CELLS - filled)
            end = "\n" if self._done >= self._total else ""
            self._to.write(f"\r{self._what} [{bar}] {self._done}/{self._total}{end}")
        elif (tenths := min(10, 10 * self._done // self._total)) > self._tenths:
            self._tenths = tenths
            self._to.write(f"{self._what} {10 * tenths} %  {self._done}/{self._total}\n")
        self._to.flush()
