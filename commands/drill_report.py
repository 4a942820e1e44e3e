"""Show and keep what a drill came back with."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from bot.control.errors import Exit
from commands.output import say, show, show_json
from commands.session import Session

if TYPE_CHECKING:
    from drills.report import Report

__all__ = ["tell"]


def tell(report: "Report", *, session: Session, record: Path | None) -> int:
    """Write the report out, and into `record` when asked; return the exit code."""
    if session.as_json:
        show_json(report.document())
    else:
        show(report.lines(), session=session)
    if record is not None:
        for path in import_module("drills.record").record(report, folder=record):
            say(f"Wrote {path}", session=session)
    return Exit.OK if report.passed else Exit.FAILED
