"""The named points at which a crash is drilled, and the exact spots that each stands for.

A spot is a place in the seams around the engine (link, writer, disk); the engine knows of none.
`PASSES` of a spot bounds how many passings a cycle lets by before it kills: so opens, exits,
hedges and cancels are all hit.
"""

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["GREETING", "QUESTIONS", "SPOTS", "Point", "Spot"]


class Point(Enum):
    """Where the process dies."""

    AT_START = "at_start"  # while the ledger is opened and the run recorded
    AT_CONNECT = "at_connect"  # while logging in and subscribing
    DURING_RECONCILE = "during_reconcile"  # at each of its questions
    BEFORE_RECORD = "before_record"  # decided, and nothing written
    DURING_COMMIT = "during_commit"  # written, the barrier not asked for yet
    AFTER_COMMIT = "after_commit"  # the barrier has completed, nobody has heard of it
    AFTER_COMMIT_BEFORE_SEND = "after_commit_before_send"  # durable, the next thing is the byte
    DURING_SEND = "during_send"  # a part of the frame has left
    AFTER_SEND_BEFORE_ACK = "after_send_before_ack"
    AFTER_ACK = "after_ack"
    AFTER_FILL = "after_fill"
    BEFORE_CANCEL_SEND = "before_cancel_send"
    AFTER_CANCEL_SEND = "after_cancel_send"
    DURING_SHUTDOWN = "during_shutdown"
    DURING_MIGRATE = "during_migrate"  # of an older ledger, by `bot ledger migrate`


class Spot(NamedTuple):
    """One place. `passes`: it kills at the 1st to this many-th passing, drawn for each cycle."""

    name: str
    passes: int


# The questions of one reconciliation, in its order (`bot/reconcile/gather.py`). The clock is left
# out: it is asked each second by another task too.
QUESTIONS: Final = (
    "private/get_user_trades_by_currency",
    "private/get_open_orders_by_currency",
    "private/get_order_state_by_label",
    "private/get_order_history_by_currency",
    "private/get_positions",
    "private/get_account_summary",
)
GREETING: Final = (
    "public/auth",
    "public/set_heartbeat",
    "private/enable_cancel_on_disconnect",
    "private/subscribe",
    "public/get_instruments",
)

SPOTS: Final[dict[Point, tuple[Spot, ...]]] = {
    Point.AT_START: (Spot("start.write", 3), Spot("start.sync", 1), Spot("start.synced", 1)),
    Point.AT_CONNECT: tuple(
        Spot(f"{when}:{method}", 1) for method in GREETING for when in ("ask", "heard")
    ),
    Point.DURING_RECONCILE: (
        *(Spot(f"{when}:{method}", 1) for method in QUESTIONS for when in ("ask", "heard")),
        Spot("ask:private/get_user_trades_by_currency", 2),  # it is asked at the end once more
        Spot("proof.enter", 1),
        Spot("proof.done", 1),
    ),
    Point.BEFORE_RECORD: (Spot("intent.enter", 4),),
    Point.DURING_COMMIT: (Spot("intent.sync", 4), Spot("intent.write", 16)),
    Point.AFTER_COMMIT: (Spot("intent.synced", 4), Spot("intent.done", 4)),
    Point.AFTER_COMMIT_BEFORE_SEND: (Spot("order.enter", 4),),
    Point.DURING_SEND: (Spot("order.torn", 4),),
    Point.AFTER_SEND_BEFORE_ACK: (Spot("order.done", 4),),
    Point.AFTER_ACK: (Spot("order.heard", 4), Spot("ack.enter", 4), Spot("ack.done", 4)),
    Point.AFTER_FILL: (Spot("trade.heard", 2), Spot("fill.enter", 2), Spot("fill.done", 2)),
    Point.BEFORE_CANCEL_SEND: (Spot("cancel.enter", 2),),
    Point.AFTER_CANCEL_SEND: (Spot("cancel.done", 2), Spot("cancel.heard", 2)),
    Point.DURING_SHUTDOWN: (
        Spot("down.ask", 3),
        Spot("down.enter", 3),
        Spot("down.done", 3),
        Spot("down.sync", 4),
    ),
    Point.DURING_MIGRATE: (
        Spot("migrate.write", 12),
        Spot("migrate.sync", 1),
        Spot("migrate.synced", 1),
    ),
}
