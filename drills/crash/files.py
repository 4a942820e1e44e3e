"""The disk's seam: spots at each write and barrier of the ledger's files."""

from typing import Final, final

from drills.crash.phase import Phase
from drills.crash.trap import Trap

__all__ = ["TrappedFiles"]

_LOG: Final = "ledger.db-wal"


@final
class TrappedFiles:
    """A witness (see `drills.disk`) that springs the trap."""

    def __init__(self, trap: Trap, phase: Phase) -> None:
        """Take the cycle's trap and phase."""
        self._trap, self._phase = trap, phase

    def before_write(self, file: str, *, data: bytes, offset: int) -> None:
        """Writes of a commit: some of its pages are in the log, and no barrier after them."""
        del data, offset
        self._passing("write", file)

    def written(self, file: str, *, data: bytes, offset: int) -> None:
        """Nothing: the next act's `before` is the same moment."""

    def before_sync(self, file: str) -> None:
        """Between the log's write and its barrier."""
        self._passing("sync", file)

    def synced(self, file: str) -> None:
        """After the barrier, before anybody hears of it."""
        self._passing("synced", file)

    def asked(self, pragma: str, *, value: str | None) -> None:
        """Settings are no point of a crash."""

    def _passing(self, what: str, file: str) -> None:
        if self._phase.is_starting:
            self._trap.passing(f"start.{what}")
        elif self._phase.is_stopping:
            self._trap.passing(f"down.{what}")
        elif self._phase.is_intent_under_way and file == _LOG:
            self._trap.passing(f"intent.{what}")
