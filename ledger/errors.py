"""What can go wrong with a ledger: one tree, grouped by who can act on it.

| error             | who acts                                                               |
|-------------------|------------------------------------------------------------------------|
| `LedgerAbsent`    | operator: start an engine once, or name another home                   |
| `LedgerHeld`      | operator: another engine runs on it [C-202]                            |
| `WrongLedger`     | operator: another environment or account [C-001, C-011]                |
| `LedgerNewer`     | operator: a newer version wrote it                                     |
| `LedgerOlder`     | operator: migrate it                                                   |
| `InTheWay`        | operator: name another place; nothing is ever written over             |
| `QueryRefused`    | operator: the question was no question, or took too long               |
| `LedgerCorrupt`   | operator: verify, then restore; never guessed around [C-210]           |
| `LedgerUnwritable`| engine: opens stop, exits take the reserve file [C-212]; reopen to see |
| `AlreadyRecorded` | core: the label or trade is in the journal; nothing was written        |
| `NotForReserve`   | core: an open waits until the ledger can be written [C-212]            |
| `ReserveFull`     | engine: the reserve has no room; cancels may still fit                 |
"""

from pathlib import Path
from typing import final

__all__ = [
    "AlreadyRecorded",
    "InTheWay",
    "LedgerAbsent",
    "LedgerCorrupt",
    "LedgerError",
    "LedgerHeld",
    "LedgerNewer",
    "LedgerOlder",
    "LedgerUnwritable",
    "NotForReserve",
    "QueryRefused",
    "ReserveFull",
    "WrongLedger",
]


class LedgerError(Exception):
    """The root of the tree. Each error carries facts; wording for operators is made elsewhere."""


@final
class LedgerAbsent(LedgerError):  # noqa: N818  # named as the state it reports
    """There is no ledger in this home, and none was to be made."""

    def __init__(self, home: Path) -> None:
        """Keep where it was looked for."""
        super().__init__(f"there is no ledger in {home}")
        self.home = home


@final
class LedgerHeld(LedgerError):  # noqa: N818  # named as the state it reports
    """Another process holds the lock; what it has not written yet is None [C-202]."""

    def __init__(
        self, *, pid: int | None, since_ms: int | None = None, run_id: str | None = None
    ) -> None:
        """Keep who holds it, and since when (wall clock, ms)."""
        super().__init__(f"the ledger is held by pid {pid} since {since_ms} ms (run {run_id})")
        self.pid = pid
        self.since_ms = since_ms
        self.run_id = run_id


@final
class WrongLedger(LedgerError):  # noqa: N818  # named as the state it reports
    """The ledger belongs to another environment or account."""

    def __init__(self, *, what: str, was: str, wanted: str) -> None:
        """Keep what differs: `environment` or `account`."""
        super().__init__(f"the ledger's {what} was {was}, not {wanted}")
        self.what = what
        self.was = was
        self.wanted = wanted


@final
class LedgerNewer(LedgerError):  # noqa: N818  # named as the state it reports
    """A newer version wrote this: its schema, or a record of a kind that we do not know."""

    def __init__(self, *, was: str, known: str) -> None:
        """Keep what it was and the newest that we can read."""
        super().__init__(f"the ledger has {was}; the newest known here is {known}")
        self.was = was
        self.known = known


@final
class LedgerOlder(LedgerError):  # noqa: N818  # named as the state it reports
    """An older version made this ledger's tables; they are changed by command only [C-211]."""

    def __init__(self, *, was: int, known: int) -> None:
        """Keep both schema numbers."""
        super().__init__(f"the ledger has schema {was}, this version {known}: bot ledger migrate")
        self.was = was
        self.known = known


@final
class InTheWay(LedgerError):  # noqa: N818  # named as the state it reports
    """There is something already where a copy was to be written; nothing was changed."""

    def __init__(self, path: Path) -> None:
        """Keep where."""
        super().__init__(f"{path} is there already")
        self.path = path


@final
class QueryRefused(LedgerError):  # noqa: N818  # named as the state it reports
    """A question to a copy of the ledger was not answered; nothing was changed."""

    def __init__(self, why: str) -> None:
        """Keep the database's own words."""
        super().__init__(why)
        self.why = why


@final
class LedgerCorrupt(LedgerError):  # noqa: N818  # named as the state it reports
    """What was read cannot be what was written. `seq` is the first bad record, 0 for the file."""

    def __init__(self, seq: int, what: str) -> None:
        """Keep where and what."""
        super().__init__(f"record {seq}: {what}" if seq else what)
        self.seq = seq
        self.what = what


@final
class LedgerUnwritable(LedgerError):  # noqa: N818  # named as the state it reports
    """A write could not be made durable. What it would have written is unknown, not absent."""

    def __init__(self, why: str) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


@final
class AlreadyRecorded(LedgerError):  # noqa: N818  # named as the state it reports
    """The journal holds this fill or label already [C-207, C-209]. Nothing was written."""

    def __init__(self, *, kind: str, ref: str) -> None:
        """Keep which."""
        super().__init__(f"{kind} {ref} is in the journal already")
        self.kind = kind
        self.ref = ref


@final
class NotForReserve(LedgerError):  # noqa: N818  # named as the state it reports
    """An order that opens was offered to the reserve file; nothing was written [C-212]."""

    def __init__(self, *, label: str) -> None:
        """Keep which."""
        super().__init__(f"{label} opens; the reserve takes exits, cancels and facts only")
        self.label = label


@final
class ReserveFull(LedgerError):  # noqa: N818  # named as the state it reports
    """The reserve file has no room for this commit; nothing was written."""

    def __init__(self, *, wanted: int, left: int) -> None:
        """Keep both, in bytes."""
        super().__init__(f"the reserve file has {left} bytes left, the commit needs {wanted}")
        self.wanted = wanted
        self.left = left
