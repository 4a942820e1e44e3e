"""Positions: every one with its greeks, and the whole (UX §3.7)."""

from msgspec import UNSET

from bot.control.render import closing_lines
from bot.control.view import PositionRow
from cockpit.grid import fit, table, window
from cockpit.model import Model
from cockpit.sift import is_kept

__all__ = ["positions"]

_WIDE = 120
_CLOSINGS_SHOWN = 3


def positions(model: Model, *, width: int, height: int) -> list[str]:
    """Return the body: the table, then exposure now and at worst case, then the proof.

    What the guard is closing stands between the table and the exposure.
    """
    rows = [row for row in model.positions if is_kept(row, filter_text=model.filter_text)]
    head: tuple[str, ...] = (
        "Instrument",
        ">Size",
        ">Mark",
        ">Entry",
        ">P&L",
        "in",
        ">Δ",
        ">Vega $",
    )
    if width >= _WIDE:
        head = (*head, ">Γ", ">Θ $/d")
    cells = [_cells(row, is_wide=width >= _WIDE) for row in rows]
    names, *body = table((*head, "Group"), rows=cells, width=width)
    foot = _foot(model, width=width)
    room = max(height - len(foot) - 3, 1)
    line = "─" * width
    return [names, line, *window(body, top=model.top, height=room), line, *foot]


def _cells(row: PositionRow, *, is_wide: bool) -> tuple[str, ...]:
    cells: tuple[str, ...] = (
        row.instrument,
        row.size,
        row.mark or "-",
        row.entry or "-",
        row.pnl or "-",
        row.currency,
        "-" if row.delta is None else f"{row.delta:+.3f}",
        "-" if row.vega is None else f"{row.vega:+.1f}",
    )
    if is_wide:
        gamma = "-" if row.gamma is None else f"{row.gamma:+.1e}"
        theta = "-" if row.theta is None else f"{row.theta:+.1f}"
        cells = (*cells, gamma, theta)
    return (*cells, row.group or "")


def _foot(model: Model, *, width: int) -> list[str]:
    status = model.status
    if status is None:
        return []
    lines = [f" {line}" for line in closing_lines(model.positions)[:_CLOSINGS_SHOWN]]
    for row in status.exposure:
        worst = row.worst_case
        lines.append(f" {row.currency} portfolio: Δ {row.delta:+.3f}  vega {row.vega:+.1f}")
        lines.append(
            f" {row.currency} with every resting order filled against us:"
            f" Δ {worst.delta:+.3f}  vega {worst.vega:+.1f}"
        )
    recon = status.reconcile
    if recon is not UNSET and recon.number:
        verdict = {True: "proven", False: "NOT proven", None: "being proven"}[recon.passed]
        at = f" at {recon.at[11:19]} UTC" if recon.at else ""
        off = f", difference {recon.difference}" if recon.difference else ""
        lines.append(f" proof: positions {verdict} #{recon.number}{at}{off}")
    return [fit(line, width=width).rstrip() for line in lines]
