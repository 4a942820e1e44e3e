"""How far a run has come, as the seams see it: shared by link, writer and disk of one cycle."""

import time
from typing import Final, final

__all__ = ["Phase"]

_LOG: Final = "ledger.db-wal"


@final
class Phase:
    """Starting, then living, then stopping; and whether an intent is being committed now."""

    def __init__(self, *, for_s: float | None) -> None:
        """Begin at the start; the run is asked to stop after `for_s` seconds of life."""
        self._for_s = for_s
        self._lives_since: float | None = None
        self.is_intent_under_way = False

    @property
    def is_starting(self) -> bool:
        """True until the run's first record is durable."""
        return self._lives_since is None

    @property
    def is_stopping(self) -> bool:
        """True from the moment at which the run is asked to stop."""
        if self._for_s is None or self._lives_since is None:
            return False
        return time.monotonic() - self._lives_since >= self._for_s

    def live(self) -> None:
        """The ledger is open and the run recorded."""
        self._lives_since = time.monotonic()

    def of_file(self, file: str) -> str | None:
        """Name what goes on when a file is touched: start, down, intent; None for anything else."""
        if self.is_starting:
            return "start"
        if self.is_stopping:
            return "down"
        return "intent" if self.is_intent_under_way and file == _LOG else None
