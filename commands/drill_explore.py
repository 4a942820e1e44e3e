"""`bot drill explore`: the states of the control model, by the real core."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.drill_report import tell
from commands.session import Session

if TYPE_CHECKING:
    from drills.report import Report

__all__ = ["explore"]

_Record = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the document and a page for people.")
]


def explore(
    ctx: typer.Context,
    depth: Annotated[
        int | None,
        typer.Option(min=1, max=1_000, help="Events of a path at most; else as many as fit."),
    ] = None,
    record: _Record = None,
) -> int:
    """Go through the states of the real core, by every event that can happen in each.

    In each the mode, the latch and the exits are judged, and whether all ends when all goes well.
    """
    session: Session = ctx.obj
    drill = import_module("drills.explore.drill")
    asked = drill.DEPTH if depth is None else depth
    report: Report = drill.report_on(depth=asked, is_silent=session.is_quiet)
    return tell(report, session=session, record=record)
