"""Watch: positions, orders, limits and events at a glance (UX §3.7, §3.8)."""

from msgspec import UNSET

from bot.control.figure import figure_text
from bot.control.render import event_line, used_part
from bot.control.view import OrderRow, PositionRow
from cockpit.grid import bar, beside, fit, rule, table
from cockpit.model import Model
from cockpit.sift import is_kept

__all__ = ["watch"]

_WIDE = 120
_RIGHT = 30  # columns of the limits


def watch(model: Model, *, width: int, height: int) -> list[str]:
    """Return the body: two columns above, events below."""
    top = height // 2 + 1
    right_width = _RIGHT if width < _WIDE else _RIGHT + 14
    split = width - right_width - 2
    left = _left(model, width=split, height=top)
    above = beside(left, right=_right(model)[:top], split=split, width=width)[:top]
    above += [""] * (top - len(above))
    rows = [row for row in model.events if is_kept(row, filter_text=model.filter_text)]
    shown = rows[-max(height - top - 1, 0) :]
    below = [fit(f" {event_line(row)}", width=width) for row in shown]
    return [*above, rule("events", right="", width=width), *below]


def _left(model: Model, *, width: int, height: int) -> list[str]:
    head: tuple[str, ...] = ("POSITIONS " + str(len(model.positions)), ">size", ">Δ", ">P&L", "")
    rows = [_position(row) for row in model.positions]
    if width >= _WIDE - _RIGHT:
        head = (*head[:2], ">mark", ">entry", *head[2:4], ">Γ", ">vega", ">Θ", "")
        rows = [_wide_position(row) for row in model.positions]
    orders = [fit(f" {_order(row)}", width=width).rstrip() for row in model.orders]
    status = model.status
    count = status.orders if status is not None else UNSET
    words = (
        f" ORDERS {len(model.orders)}"
        if count is UNSET
        else f" ORDERS {count.live} live · {count.unknown} unknown · {count.foreign} foreign"
    )
    room = max(height - min(len(orders), 3) - 3, 2)
    held = table(head, rows=rows, width=width)
    if len(held) > room:
        held = [*held[: room - 1], f" +{len(held) - room + 1} more: p"]
    return [*held, "", words, *orders]


def _position(row: PositionRow) -> tuple[str, ...]:
    return (row.instrument, row.size, _signed(row.delta), row.pnl or "-", row.currency)


def _wide_position(row: PositionRow) -> tuple[str, ...]:
    return (
        row.instrument,
        row.size,
        row.mark or "-",
        row.entry or "-",
        _signed(row.delta),
        row.pnl or "-",
        "-" if row.gamma is None else f"{row.gamma:+.1e}",
        "-" if row.vega is None else f"{row.vega:+.1f}",
        "-" if row.theta is None else f"{row.theta:+.1f}",
        row.currency,
    )


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3f}"


def _order(row: OrderRow) -> str:
    return f"{row.instrument} {row.side} {row.filled or '?'}/{row.size} {row.price} {row.state}"


def _right(model: Model) -> list[str]:
    status = model.status
    if status is None:
        return []
    rows = ["LIMITS           used/limit"] if status.limits else []
    rows += [
        f"{fit(limit.name, width=10)} {bar(used_part(limit))}"
        f" {figure_text(limit.used)}/{figure_text(limit.limit)}"
        for limit in status.limits
    ]
    for row in status.exposure:
        rows += ["", f"{row.currency} Δ {row.delta:+.3f}  worst {row.worst_case.delta:+.3f}"]
        rows += [f"    vega {row.vega:+.1f}  gamma {row.gamma:+.1e}"]
    proofs = status.latch.proofs
    if proofs:
        held = sum(proof.held for proof in proofs)
        word = "open" if status.latch.open else "shut"
        rows += ["", f"latch {word}  {held} of {len(proofs)} proofs"]
    clock = status.clock
    if clock is not UNSET and clock.offset_ms is not None:
        rows.append(f"clock {clock.offset_ms:+.1f} ms ± {clock.bound_ms or 0:.1f}")
    return rows
