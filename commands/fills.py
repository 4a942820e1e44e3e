"""`bot fills`: the newest trades of ours."""

from typing import Annotated

import msgspec
import typer

from bot.control.errors import Exit
from bot.control.view import FillRow
from commands.output import document, show, show_json, table
from commands.rows import ask
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_HEAD = ("AT", "TRADE", "LABEL", "SIDE", ">SIZE", ">PRICE", ">FEE", "IN", "INSTRUMENT")


class _Answer(msgspec.Struct, frozen=True):
    fills: tuple[FillRow, ...]


@app.command()
def fills(
    ctx: typer.Context,
    n: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many of the newest.")] = 20,
) -> int:
    """Show the newest fills, oldest first.

    Examples: bot fills        bot fills -n 100 --json
    """
    session: Session = ctx.obj
    answered = ask(session, "fills", {"n": n})
    rows = msgspec.json.decode(answered.raw, type=_Answer).fills
    if session.as_json:
        figures = {"fills": len(rows)}
        show_json(
            document("bot.fills/1", raw=answered.raw, run_id=answered.run_id, figures=figures)
        )
    else:
        show(table(_HEAD, rows=[_cells(row) for row in rows]), session=session)
    return Exit.OK


def _cells(row: FillRow) -> tuple[str, ...]:
    return (
        row.at,
        row.trade_id,
        row.label or "-",
        row.side,
        row.size,
        row.price,
        row.fee,
        row.fee_currency,
        row.instrument,
    )
