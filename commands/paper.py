"""`bot paper`: days of trading on made-up money."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.drill_report import tell
from commands.session import Session

if TYPE_CHECKING:
    from drills.report import Report

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def _group() -> None:
    """Live through days of trading on made-up money."""


@app.command("soak")
def soak(
    ctx: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="Simulated days.")] = 14,
    seed: Annotated[int, typer.Option(min=0, max=2**31, help="Of market and faults.")] = 7,
    record: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the document and a page for people.")
    ] = None,
) -> int:
    """Live through simulated days with expiries, maintenance and two crashes a day.

    Simulated days do not count as calendar days: nothing here replaces trading in real time.
    """
    session: Session = ctx.obj
    report: Report = import_module("drills.soak").soak(days, seed=seed, is_silent=session.is_quiet)
    return tell(report, session=session, record=record)
