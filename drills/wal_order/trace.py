"""When each order's record was durable, and when its first byte left: by one monotonic clock.

The label is looked for in the bytes that SQLite writes into its log (an index holds each label in
one piece); the first barrier on the log that completes after that makes it durable. Nothing of
this asks the engine or the ledger what they believe.
"""

import re
import time
from dataclasses import dataclass
from typing import Final, final

__all__ = ["LABEL", "LOG_FILE", "NotFullError", "Order", "Trace"]

LOG_FILE: Final = "ledger.db-wal"
LABEL: Final = re.compile(rb"b[dspl]-[0-9a-f]{8}-[0-9a-f]{48}")
_FULL: Final = frozenset({"2", "3", "extra", "full"})  # extra syncs the folder as well


class NotFullError(Exception):
    """The ledger would not wait for the disk: what follows could prove nothing."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order's frame; times in ns of the monotonic clock, `durable_ns` None for never."""

    label: str
    durable_ns: int | None
    sent_ns: int

    @property
    def is_in_order(self) -> bool:
        """True when the barrier completed before the first byte was handed on [C-201]."""
        return self.durable_ns is not None and self.durable_ns < self.sent_ns


@final
class Trace:
    """A witness of the disk (see `drills.disk`) that also hears of each frame before it leaves."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.barriers = 0
        self.unsynced = 0  # writes into the log that no completed barrier covers
        self._synchronous: str | None = None
        self._waiting: set[str] = set()
        self._durable: dict[str, int] = {}
        self._sent: dict[str, int] = {}

    def before_write(self, file: str, *, data: bytes, offset: int) -> None:
        """Nothing: only what is written counts."""

    def written(self, file: str, *, data: bytes, offset: int) -> None:
        """Note the labels that are in the log, and not durable yet."""
        del offset
        if file != LOG_FILE:
            return
        self.unsynced += 1
        for found in LABEL.finditer(data):
            label = found[0].decode()
            if label not in self._durable:
                self._waiting.add(label)

    def before_sync(self, file: str) -> None:
        """Nothing: only a barrier that has completed counts."""

    def synced(self, file: str) -> None:
        """Everything in the log until now is durable."""
        if file != LOG_FILE:
            return
        now_ns = time.monotonic_ns()
        self.barriers += 1
        self.unsynced = 0
        self._durable |= dict.fromkeys(self._waiting, now_ns)
        self._waiting.clear()

    def asked(self, pragma: str, *, value: str | None) -> None:
        """Note the last word on how hard the ledger waits."""
        if pragma.lower() == "synchronous" and value is not None:
            self._synchronous = value.strip("'\"").lower()

    def sending(self, label: str) -> None:
        """The frame of an order is about to be handed on."""
        self._sent.setdefault(label, time.monotonic_ns())

    @property
    def orders(self) -> tuple[Order, ...]:
        """Every order whose frame was seen."""
        return tuple(
            Order(label, self._durable.get(label), sent_ns) for label, sent_ns in self._sent.items()
        )

    def require_full(self) -> None:
        """Raise NotFullError unless `synchronous` was set to FULL and commits do wait.

        To be asked after a commit: its writes must be covered by a barrier by then.
        """
        if self._synchronous not in _FULL:
            raise NotFullError(f"synchronous was {self._synchronous or 'never set'}, not FULL")
        if self.barriers == 0 or self.unsynced > 0:
            raise NotFullError("a commit has returned without a barrier on the ledger's log")
