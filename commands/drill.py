"""`bot drill`: prove a promise against real processes."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.control.errors import Exit, UserError
from commands.drill_explore import explore
from commands.drill_faults import faults as fault_drills
from commands.drill_faults import reduce_only
from commands.drill_report import tell
from commands.output import say, show, show_json, table
from commands.session import Session

if TYPE_CHECKING:
    from drills.report import Report

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_SEEDS_MAX = 100_000

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


@app.command("groups")
def groups(ctx: typer.Context, record: _Record = None) -> int:
    """Give every leg of groups of two, three and four every outcome, rescues and exits too."""
    session: Session = ctx.obj
    report: Report = import_module("drills.groups.drill").groups(is_silent=session.is_quiet)
    return tell(report, session=session, record=record)


@app.command("points")
def points(
    ctx: typer.Context,
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="One scenario, in place of all.")
    ] = None,
    step: Annotated[int | None, typer.Option(min=1, help="Killed before this turn alone.")] = None,
    act: Annotated[
        int | None, typer.Option(min=1, help="Killed before this file act alone.")
    ] = None,
    image: Annotated[
        int,
        typer.Option(min=0, help="What the disk holds at --act: 0 is kill -9, else power cuts."),
    ] = 0,
    every: Annotated[int, typer.Option(min=1, max=1_000, help="Every how manyth point.")] = 1,
    trace: Annotated[bool, typer.Option("--trace", help="Tell the story of one run.")] = False,
    record: _Record = None,
) -> int:
    """Kill scripted scenarios before every turn of a task and before every act on a file.

    Each file act is met with several images of the disk: kill -9, and power cuts that keep, lose or
    tear what no barrier has covered.
    """
    session: Session = ctx.obj
    drill = import_module("drills.points")
    point = _point(step, act, image)
    name = _scenario(scenario) if scenario or point or trace else None
    if trace:
        ran = drill.one_point(name, point, story=sys.stdout)
        say(f"trace {ran.outcome.trace_hash}", session=session)
        return Exit.OK if ran.outcome.finding is None else Exit.FAILED
    asked = drill.Asked(scenario=name, point=point, every=every)
    report: Report = drill.points(asked, is_silent=session.is_quiet)
    return tell(report, session=session, record=record)


def _scenario(text: str | None) -> str:
    known = import_module("drills.world.points.scenario").SCENARIOS
    if text in known:
        return str(text)
    raise UserError(
        "USAGE",
        exit=Exit.USAGE,
        what="--scenario is missing." if text is None else f"--scenario was {text}.",
        why=f"There are {', '.join(known)}.",
        next="bot drill points --scenario fill --step 100 --trace",
    )


def _point(step: int | None, act: int | None, image: int) -> object:
    known = import_module("drills.world.points.point")
    images = len(known.IMAGES)
    if (step and (act or image)) or (image and not act) or image >= images:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what="--step, --act and --image do not name one point.",
            why=f"A point is a step, or an act with an image from 0 to {images - 1}.",
            next="bot drill points --scenario fill --act 40 --image 2 --trace",
        )
    return known.Point(step=step, act=act, image=image) if step or act else None


@app.command("storm")
def storm(
    ctx: typer.Context,
    seeds: Annotated[str, typer.Option(metavar="A..B", help="The seeds to run.")] = "1..20",
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31, help="One seed, in place of many.")
    ] = None,
    hours: Annotated[
        float, typer.Option(min=0.01, max=10_000, help="Of each seed, before everything heals.")
    ] = 3.0,
    profile: Annotated[
        str | None, typer.Option(metavar="wire|storm", help="What the line carries; else drawn.")
    ] = None,
    faults: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="No others than these; none, or list to see them."),
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Tell the story of one seed.")] = False,
    record: _Record = None,
) -> int:
    """Live through simulated days of one seed after the other, checking everything at each step.

    Nothing is real in it but the code: engine, venue, disk and clocks run in virtual time.
    """
    session: Session = ctx.obj
    if faults == "list":
        return _list_faults(session)
    world = import_module("drills.storm")
    asked = world.Asked(
        _seeds(seeds) if seed is None else (seed,),
        hours=hours,
        profile=_profile(profile),
        faults=_faults(faults),
    )
    if trace:
        outcome = world.one_seed(asked, asked.seeds[0], story=sys.stdout)
        say(f"trace {outcome.trace_hash}", session=session)
        return Exit.OK if outcome.finding is None else Exit.FAILED
    report: Report = world.storm(asked, is_silent=session.is_quiet)
    return tell(report, session=session, record=record)


app.command("explore")(explore)
app.command("faults")(fault_drills)
app.command("reduce-only")(reduce_only)


def _list_faults(session: Session) -> int:
    known = import_module("drills.world.fault").all_faults()
    if session.as_json:
        rows = [{"fault": name, "says": says} for name, says in known.items()]
        show_json(
            {
                "schema": "bot.drill-storm-faults/1",
                "figures": {"faults": len(rows)},
                "results": rows,
            }
        )
    else:
        show(table(("FAULT", "WHAT HAPPENS"), rows=list(known.items())), session=session)
    return Exit.OK


def _seeds(text: str) -> tuple[int, ...]:
    first, dots, last = text.partition("..")
    if first.isdecimal() and (last.isdecimal() or not dots):
        found = tuple(range(int(first), int(last or first) + 1))
        if found and len(found) <= _SEEDS_MAX:
            return found
    raise UserError(
        "USAGE",
        exit=Exit.USAGE,
        what=f"--seeds was {text}.",
        why=f"It is one seed or a range, and at most {_SEEDS_MAX} of them.",
        next="bot drill storm --seeds 1..20",
    )


def _profile(text: str | None) -> object:
    if text is None:
        return None
    profiles = import_module("drills.world.weather").Profile
    try:
        return profiles(text)
    except ValueError:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f"--profile was {text}.",
            why="There are wire (real bytes) and storm (whole messages).",
            next="bot drill storm --profile wire",
        ) from None


def _faults(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    if text == "none":
        return ()
    known = import_module("drills.world.fault").all_faults()
    wanted = tuple(text.split(","))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f"--faults has {unknown[0]!r}, which is no fault.",
            why=f"There are {len(known)} of them.",
            next="bot drill storm --faults list",
        )
    return wanted


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
    code = tell(report, session=session, record=record)
    if report.passed and keep is None:
        shutil.rmtree(folder)
    elif not report.passed:
        say(f"The homes are kept: {folder}", session=session)
    return code
