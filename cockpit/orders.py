"""Orders: every one that could still fill, and every one that is not known (UX §3.7)."""

from msgspec import UNSET

from bot.control.view import OrderRow
from cockpit.grid import table, window
from cockpit.model import Model
from cockpit.sift import is_kept

__all__ = ["orders"]

_HEAD = ("Since", "State", "Label", "Side", ">Filled/Size", ">Price", "Instrument", "Role")


def orders(model: Model, *, width: int, height: int) -> list[str]:
    """Return the body: the table, the counts, and what UNKNOWN means when there is one."""
    rows = [
        row
        for row in model.orders
        if is_kept(row, filter_text=model.filter_text)
        and (not model.is_unknown_only or row.state == "UNKNOWN")
    ]
    names, *body = table(_HEAD, rows=[_cells(row) for row in rows], width=width)
    foot = _foot(model)
    line = "─" * width
    room = max(height - len(foot) - 3, 1)
    return [names, line, *window(body, top=model.top, height=room), line, *foot]


def _cells(row: OrderRow) -> tuple[str, ...]:
    label = row.label or row.order_id or "-"
    return (
        row.since[11:19],
        "FOREIGN" if row.foreign else row.state,
        label if len(label) <= 6 else f"…{label[-4:]}",
        row.side,
        f"{row.filled or '?'}/{row.size}",
        row.price,
        row.instrument,
        row.role,
    )


def _foot(model: Model) -> list[str]:
    count = model.status.orders if model.status is not None else UNSET
    lines = []
    if count is not UNSET:
        lines.append(f" live {count.live} · unknown {count.unknown} · foreign {count.foreign}")
    if any(row.state == "UNKNOWN" for row in model.orders):
        lines += [
            " UNKNOWN: sent, and its answer never came. It counts as filled against us",
            " until it is proven present or absent, and it is never sent again.",
        ]
    return lines
