"""Topics of the stream: whole, table or log, and what of the view each carries (UX §2.2).

A subscription compares the view with what it sent last, at its own pace. Nothing is queued for it,
so whatever a slow reader misses is merged by itself, and `seq` never jumps.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from bot.control.view import FillRow, Status, View

__all__ = ["LOGS", "TABLES", "TOPICS", "WHOLES", "delta_of", "fresh_fills"]

Row = msgspec.Struct

WHOLES: Final[Mapping[str, Callable[[View], Status]]] = {"status": lambda view: view.status}

TABLES: Final[Mapping[str, Callable[[View], dict[str, Row]]]] = {
    "positions": lambda view: {row.instrument: row for row in view.positions},
    "orders": lambda view: {row.label or row.order_id or "": row for row in view.orders},
    "causes": lambda view: {row.code: row for row in view.status.causes},
}

LOGS: Final = ("events", "fills")

TOPICS: Final = (*WHOLES, *TABLES, *LOGS)


def delta_of(old: Mapping[str, Row], *, new: Mapping[str, Row]) -> dict[str, object] | None:
    """Return what turns `old` into `new` as `{"set": …, "del": …}`; None when nothing changed."""
    put = {key: row for key, row in new.items() if old.get(key) != row}
    gone = [key for key in old if key not in new]
    return {"set": put, "del": gone} if put or gone else None


def fresh_fills(
    view: View, *, after_seq: int
) -> tuple[tuple[FillRow, ...], dict[str, int | None] | None]:
    """Return the fills after a seq, and the gap when the view's window has moved past it."""
    rows = tuple(row for row in view.fills if row.seq > after_seq)
    whole_window_is_new = len(rows) == len(view.fills) and len(rows) > 0
    if after_seq > 0 and whole_window_is_new and len(rows) >= 1_000:
        return rows, {"from": after_seq + 1, "to": rows[0].seq, "n": None}
    return rows, None
