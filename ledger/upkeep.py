"""When to snapshot and when to checkpoint: never in front of a waiter if it can be helped.

SQLite's own automatic checkpoint owned the tail of commit times (DEPENDENCIES §2.2.4), so it is off
and this is in its place.
"""

from typing import Final

from ledger.ledger import Ledger

__all__ = ["upkeep"]

SNAPSHOT_IDLE_RECORDS: Final = 500  # when nothing waits
SNAPSHOT_BUSY_RECORDS: Final = 5_000  # when something always does: bounds the tail of an opening
WAL_IDLE_PAGES: Final = 256  # 1 MiB
WAL_BUSY_PAGES: Final = 4_096  # 16 MiB


def upkeep(ledger: Ledger, *, is_idle: bool) -> None:
    """Do what is due after a commit. Raises LedgerUnwritable.

    A reader that stays in the way lets the log grow beyond its bound; then only each further
    WAL_BUSY_PAGES are worth another try, so that it slows no commit. `wal_pages` shows it.
    """
    behind = ledger.head.seq - ledger.snapshot_seq
    if behind >= (SNAPSHOT_IDLE_RECORDS if is_idle else SNAPSHOT_BUSY_RECORDS):
        ledger.take_snapshot()
    if is_idle and ledger.wal_pages >= WAL_IDLE_PAGES:
        ledger.checkpoint(truncate=False)
    elif ledger.wal_pages >= ledger.stuck_pages + WAL_BUSY_PAGES:
        ledger.checkpoint(truncate=True)
