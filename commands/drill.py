"""`bot drill`: prove a promise against real processes."""

import shutil
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.control.errors import Exit, UserError
from commands.output import say, show, show_json, table
from commands.session import Session

if TYPE_CHECKING:
    from drills.report import Report

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_Seed = Annotated[int, typer.Option(min=0, max=2**31, help="Of the market and of what is next.")]
_Record = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the document and a page for people.")
]
_Keep = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Use and keep these homes; must be new.")
]


@app.callback()
def _group() -> None:
    """Prove a promise against real processes, on made-up money in homes of its own."""


@app.command("list")
def list_drills(ctx: typer.Context) -> int:
    """List the drills, and what each proves."""
    session: Session = ctx.obj
    drills = import_module("drills.named").DRILLS
    if session.as_json:
        rows = [{"drill": name, "proves": drill.proves} for name, drill in drills.items()]
        show_json({"schema": "bot.drill-list/1", "figures": {"drills": len(rows)}, "results": rows})
    else:
        cells = [(name, f"{drill.minutes} min", drill.proves) for name, drill in drills.items()]
        show(table(("DRILL", "TAKES", "PROVES"), rows=cells), session=session)
    return Exit.OK


@app.command("crash-matrix")
def crash_matrix(
    ctx: typer.Context,
    cycles: Annotated[int, typer.Option(min=1, max=100_000, help="Crashes in all.")] = 200,
    seed: _Seed = 7,
    record: _Record = None,
    keep: _Keep = None,
) -> int:
    """Kill the engine at every named point, and let the venue's log and the ledger judge."""
    session: Session = ctx.obj

    def run(folder: Path) -> "Report":
        drill = import_module("drills.crash.matrix").crash_matrix
        report: Report = drill(folder, cycles=cycles, seed=seed, is_silent=session.is_quiet)
        return report

    return _carry_out(run, session=session, record=record, keep=keep)


@app.command("wal-order")
def wal_order(
    ctx: typer.Context,
    n: Annotated[int, typer.Option("--n", min=1, max=100_000, help="Orders in all.")] = 1_000,
    seed: _Seed = 7,
    strace: Annotated[
        bool, typer.Option("--strace", help="Prove it by system calls, from outside.")
    ] = False,
    record: _Record = None,
    keep: _Keep = None,
) -> int:
    """Show for each order that its record was durable before its first byte left."""
    session: Session = ctx.obj

    def run(folder: Path) -> "Report":
        drill = import_module("drills.wal_order.barrier").wal_order
        report: Report = drill(
            folder, orders=n, seed=seed, has_tracer=strace, is_silent=session.is_quiet
        )
        return report

    return _carry_out(run, session=session, record=record, keep=keep)


def _carry_out(
    run: Callable[[Path], "Report"], *, session: Session, record: Path | None, keep: Path | None
) -> int:
    if keep is not None and keep.exists():
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f"--keep was {keep}, which exists.",
            why="A drill judges what it did itself, in homes that nobody used before.",
            next="Name a folder that does not exist yet.",
        )
    folder = (keep or Path(tempfile.mkdtemp(prefix="bot-drill-"))).absolute()
    report = run(folder)
    if session.as_json:
        show_json(report.document())
    else:
        show(report.lines(), session=session)
    if record is not None:
        for path in import_module("drills.record").record(report, folder=record):
            say(f"Wrote {path}", session=session)
    if report.passed and keep is None:
        shutil.rmtree(folder)
    elif not report.passed:
        say(f"The homes are kept: {folder}", session=session)
    return Exit.OK if report.passed else Exit.FAILED
