"""`bot positions`: what is held."""

import msgspec
import typer

from bot.control.errors import Exit
from bot.control.render import closing_lines
from bot.control.view import PositionRow
from commands.output import document, show, show_json, table
from commands.rows import ask
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_HEAD = ("INSTRUMENT", ">SIZE", ">MARK", ">ENTRY", ">P&L", "IN", ">DELTA", ">VEGA $", "GROUP")


class _Answer(msgspec.Struct, frozen=True):
    positions: tuple[PositionRow, ...]


@app.command()
def positions(ctx: typer.Context) -> int:
    """Show every position with its mark, entry, gain and greeks, and what is being closed.

    Examples: bot positions        bot positions --json
    """
    session: Session = ctx.obj
    answered = ask(session, "positions")
    rows = msgspec.json.decode(answered.raw, type=_Answer).positions
    if session.as_json:
        figures = {"positions": len(rows)}
        show_json(
            document("bot.positions/1", raw=answered.raw, run_id=answered.run_id, figures=figures)
        )
    else:
        lines = table(_HEAD, rows=[_cells(row) for row in rows])
        show([*lines, *closing_lines(rows)], session=session)
    return Exit.OK


def _cells(row: PositionRow) -> tuple[str, ...]:
    return (
        row.instrument,
        row.size,
        row.mark or "-",
        row.entry or "-",
        row.pnl or "-",
        row.currency,
        "-" if row.delta is None else f"{row.delta:+.3f}",
        "-" if row.vega is None else f"{row.vega:+.1f}",
        row.group or "-",
    )
