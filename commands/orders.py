"""`bot orders`: what could still fill, and what is not known."""

from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from bot.control.errors import Exit
from bot.control.view import OrderRow
from commands.output import document, show, show_json, table
from commands.rows import ask
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_HEAD = ("SINCE", "STATE", "LABEL", "SIDE", ">FILLED/SIZE", ">PRICE", "INSTRUMENT", "ROLE")


class _State(StrEnum):
    ALL = "all"
    LIVE = "live"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"


class _Answer(msgspec.Struct, frozen=True):
    orders: tuple[OrderRow, ...]


@app.command()
def orders(
    ctx: typer.Context,
    state: Annotated[_State, typer.Option(help="Only these.")] = _State.ALL,
) -> int:
    """Show every order that could still fill, and every one whose fate is not known.

    Examples: bot orders        bot orders --state unknown
    """
    session: Session = ctx.obj
    answered = ask(session, "orders", {"state": state.value})
    rows = msgspec.json.decode(answered.raw, type=_Answer).orders
    if session.as_json:
        figures = {"orders": len(rows), "unknown": sum(row.state == "UNKNOWN" for row in rows)}
        show_json(
            document("bot.orders/1", raw=answered.raw, run_id=answered.run_id, figures=figures)
        )
    else:
        show(table(_HEAD, rows=[_cells(row) for row in rows]), session=session)
    return Exit.OK


def _cells(row: OrderRow) -> tuple[str, ...]:
    return (
        f"{row.since[11:19]}Z",
        "FOREIGN" if row.foreign else row.state,
        row.label or row.order_id or "-",
        row.side,
        f"{row.filled or '?'}/{row.size}",
        row.price,
        row.instrument,
        row.role,
    )
