"""The disk's seam: spots at each write and barrier of the ledger's files."""

from collections.abc import Callable
from typing import final

from drills.crash.trap import Trap

__all__ = ["TrappedFiles"]


@final
class TrappedFiles:
    """A witness (see `drills.disk`) that springs the trap."""

    def __init__(self, trap: Trap, *, where: Callable[[str], str | None]) -> None:
        """Take the cycle's trap; `where` names what goes on at a file.

        A spot is that name with the act: `intent.sync`.
        """
        self._trap, self._where = trap, where

    def before_write(self, file: str, *, data: bytes, offset: int) -> None:
        """Some pages of a commit are in the log, and no barrier after them."""
        del data, offset
        self._passing("write", file)

    def written(self, file: str, *, data: bytes, offset: int) -> None:
        """Nothing: the next act's `before` is the same moment."""

    def before_sync(self, file: str) -> None:
        """Between the write and its barrier."""
        self._passing("sync", file)

    def synced(self, file: str) -> None:
        """After the barrier, before anybody hears of it."""
        self._passing("synced", file)

    def asked(self, pragma: str, *, value: str | None) -> None:
        """Settings are no point of a crash."""

    def _passing(self, act: str, file: str) -> None:
        where = self._where(file)
        if where is not None:
            self._trap.passing(f"{where}.{act}")
