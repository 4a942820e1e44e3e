"""`bot drill faults` and `bot drill reduce-only`: named faults, and what is tried in vain."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.control.errors import Exit, UserError
from commands.drill_report import tell
from commands.output import show, show_json, table
from commands.session import Session

if TYPE_CHECKING:
    from drills.faults.drill import Drill
    from drills.report import Report

__all__ = ["faults", "reduce_only"]

_Record = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the document and a page for people.")
]


def faults(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="The drills to carry out.")
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="All of them, about a minute.")] = False,
    is_list: Annotated[
        bool, typer.Option("--list", help="Only name them, with what each injects.")
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31, help="Of the market and of what is drawn.")
    ] = 7,
    record: _Record = None,
) -> int:
    """Strike the engine with one named fault each, and check what it does about it.

    An order is in flight or a position held when it strikes. Mode and latch, the reason, what
    comes off, what still goes, the time to safety and the way back stand beside each drill.
    """
    session: Session = ctx.obj
    known = import_module("drills.faults.catalogue").DRILLS
    if is_list:
        return _list(session, known)
    asked = tuple(known) if is_all else _named(names or (), known)
    tally = import_module("drills.faults.tally")
    report: Report = tally.fault_drills(asked, seed=seed, is_silent=session.is_quiet)
    return tell(report, session=session, record=record)


def reduce_only(ctx: typer.Context, record: _Record = None) -> int:
    """Try to open, add, flip and close too much under REDUCE_ONLY and KILL.

    The venue's own log of orders and the refusals in the ledger say what became of each.
    """
    session: Session = ctx.obj
    drill = import_module("drills.reduce_only.report").reduce_only
    report: Report = drill(is_silent=session.is_quiet)
    return tell(report, session=session, record=record)


def _list(session: Session, known: "Mapping[str, Drill]") -> int:
    rows = [
        {"drill": name, "says": drill.says, "source": drill.source} for name, drill in known.items()
    ]
    if session.as_json:
        show_json(
            {"schema": "bot.drill-fault-list/1", "figures": {"drills": len(rows)}, "results": rows}
        )
    else:
        cells = [(row["drill"], row["source"], row["says"]) for row in rows]
        show(table(("DRILL", "FROM", "WHAT HAPPENS"), rows=cells), session=session)
    return Exit.OK


def _named(names: Sequence[str], known: "Mapping[str, Drill]") -> tuple[str, ...]:
    unknown = [name for name in names if name not in known]
    if names and not unknown:
        return tuple(dict.fromkeys(names))
    raise UserError(
        "USAGE",
        exit=Exit.USAGE,
        what=f"{unknown[0]} is no fault drill." if unknown else "No drill was named.",
        why=f"There are {len(known)} of them.",
        next="bot drill faults --list, or bot drill faults --all",
    )
