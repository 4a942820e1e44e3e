"""What the screen knows, as plain data: tested without Textual (UX §3.4)."""

from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar

import msgspec

from bot.control.client import Streamed
from bot.control.ending import Ending
from bot.control.view import EventRow, ModeWord, OrderRow, PositionRow, Status
from cockpit.dialog import Dialog

__all__ = ["EVENTS_MAX", "TOPICS", "Model", "Screen", "fold"]

EVENTS_MAX: Final = 1_000
TOPICS: Final = frozenset({"status", "positions", "orders"})  # whole before a row counts as live

Screen = Literal["watch", "positions", "orders", "events", "help"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All that is drawn. Times ending in `_s` are of the monotonic clock."""

    ending: Ending  # what is shown before an engine was ever seen
    is_read_only: bool = False
    hz: float = 4.0
    is_connected: bool = False
    fresh: frozenset[str] = field(default_factory=frozenset)  # topics full since the connection
    attempt: int = 0
    retry_s: float = 0.0  # when the next attempt is due
    seen_s: float = 0.0  # when the last frame came
    seen_at: str | None = None  # the engine's own time then
    run_id: str | None = None
    mode: ModeWord = ModeWord.UNKNOWN
    status: Status | None = None
    positions: tuple[PositionRow, ...] = ()
    orders: tuple[OrderRow, ...] = ()
    events: tuple[EventRow, ...] = ()
    screen: Screen = "watch"
    back: Screen = "watch"
    top: int = 0
    follows: bool = True
    is_unknown_only: bool = False
    filter_text: str = ""
    is_typing_filter: bool = False
    dialog: Dialog | None = None
    message: str = ""

    @property
    def is_live(self) -> bool:
        """True when every topic was whole since the connection: only then a row is live."""
        return self.is_connected and self.fresh >= TOPICS


_RowT = TypeVar("_RowT", PositionRow, OrderRow)


class _Delta(msgspec.Struct, frozen=True):
    put: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict, name="set")
    gone: tuple[str, ...] = msgspec.field(default=(), name="del")


class _Gap(msgspec.Struct, frozen=True):
    n: int | None = None


def fold(model: Model, *, frame: Streamed) -> Model:
    """Fold one frame of a subscription into the model; a topic we do not draw changes nothing.

    Raises msgspec.ValidationError for a frame that is not of the protocol.
    """
    full, delta, rows = bytes(frame.full), bytes(frame.delta), bytes(frame.rows)
    fresh = model.fresh | {frame.topic} if full else model.fresh
    match frame.topic:
        case "status":
            status = msgspec.json.decode(full, type=Status)
            return replace(model, status=status, mode=status.mode, fresh=fresh)
        case "positions":
            held = {row.instrument: row for row in model.positions}
            positions = _merged(held, full=full, delta=delta, row=PositionRow)
            return replace(model, positions=positions, fresh=fresh)
        case "orders":
            there = {row.label or row.order_id or "": row for row in model.orders}
            orders = _merged(there, full=full, delta=delta, row=OrderRow)
            return replace(model, orders=orders, fresh=fresh)
        case "events":
            new = msgspec.json.decode(rows, type=tuple[EventRow, ...])
            events = (*model.events, *_gap(bytes(frame.gap), before=new), *new)
            return replace(model, events=events[-EVENTS_MAX:])
        case _:
            return model


def _merged(
    old: dict[str, _RowT], *, full: bytes, delta: bytes, row: type[_RowT]
) -> tuple[_RowT, ...]:
    if full:
        return tuple(msgspec.json.decode(full, type=dict[str, row]).values())  # type: ignore[valid-type]  # a type as a value
    change = msgspec.json.decode(delta, type=_Delta)
    put = {key: msgspec.json.decode(raw, type=row) for key, raw in change.put.items()}
    kept = {key: value for key, value in old.items() if key not in change.gone}
    return tuple((kept | put).values())


def _gap(gap: bytes, *, before: tuple[EventRow, ...]) -> tuple[EventRow, ...]:
    """Return a line that stands for rows not shown."""
    if not gap or not before:
        return ()
    lost = msgspec.json.decode(gap, type=_Gap)
    text = f"{lost.n or 'some'} rows not shown, all are in the ledger"
    return (EventRow(seq=before[0].seq - 1, at=before[0].at, kind="...", text=text),)
