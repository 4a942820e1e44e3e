"""`bot ledger`: verify, look into, copy, put back, rebuild, migrate [C-211] (UX §4.4).

About 300 lines, since a group of commands is one file: seven verbs, each a call and its words.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from bot.control.errors import Exit
from bot.domain.ids import RunId
from commands.last_run import now_text
from commands.ledger_words import ledger_words
from commands.output import say, show, show_json, table
from commands.progress import Bar
from commands.session import Session
from ledger.backup import backup as take_backup
from ledger.export import export as write_export
from ledger.inspect import ROWS_MAX
from ledger.inspect import inspect as ask_copy
from ledger.migrate import migrate as bring_forward
from ledger.rebuild import rebuild as fold_anew
from ledger.restore import restore as put_back
from ledger.verify import verify as check

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_Out = Annotated[Path, typer.Option("--out", help="A file that does not exist yet.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Rehearse it; change nothing.")]


@app.callback()
def _group() -> None:
    """Verify the ledger, look into it, copy it, put a copy back."""


@app.command()
def verify(
    ctx: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Every body's content too.")] = False,
    from_seq: Annotated[
        int | None, typer.Option("--from-seq", min=1, help="Only from this record on.")
    ] = None,
) -> int:
    """Check integrity, chain and fold, also beside a running engine; exit 1 when one is wrong.

    Examples: bot ledger verify        bot ledger verify --full --json
    """
    session: Session = ctx.obj
    with ledger_words(verb="verify"), Bar("records", session=session) as bar:
        verdict = check(session.home, from_seq=from_seq or 1, with_bodies=full, progress=bar)
    figures = {
        "records": verdict.records,
        "bodies": verdict.bodies,
        "snapshots": verdict.snapshots,
        "faults": len(verdict.faults),
        "reserve_records_waiting": verdict.waiting,
    }
    results = [
        {"name": f"record {fault.seq}" if fault.seq else "file", "passed": False, "why": fault.what}
        for fault in verdict.faults
    ]
    lines = [f"{each['name']}: {each['why']}" for each in results]
    lines.append(
        f"{'good' if verdict.is_good else 'NOT GOOD'}: {verdict.records} records"
        f" up to {verdict.head.seq}, {verdict.bodies} bodies, {verdict.snapshots} snapshots"
    )
    if verdict.waiting:
        lines.append(f"{verdict.waiting} records wait in the reserve file for the next start")
    _show(
        session,
        "verify",
        passed=verdict.is_good,
        figures=figures,
        lines=lines,
        results=results,
        head={"seq": verdict.head.seq, "hash": verdict.head.hash},
    )
    return Exit.OK if verdict.is_good else Exit.FAILED


@app.command()
def inspect(
    ctx: typer.Context,
    sql: Annotated[str, typer.Argument(help="One SELECT.")],
    n: Annotated[int, typer.Option("-n", min=1, max=ROWS_MAX, help="Rows at most.")] = 100,
) -> int:
    """Ask a copy of the ledger in SQL; the copy is removed again.

    Tables: journal, body, meta, snapshot. Example:
    bot ledger inspect 'SELECT kind, count(*) FROM journal GROUP BY kind'
    """
    session: Session = ctx.obj
    with ledger_words(verb="inspect"), Bar("pages", session=session) as bar:
        answer = ask_copy(session.home, sql, rows_max=n, progress=bar)
    lines = table(answer.columns, rows=answer.rows) if answer.rows else ["No rows."]
    _show(
        session,
        "inspect",
        passed=True,
        figures={"rows": len(answer.rows)},
        lines=lines,
        columns=answer.columns,
        rows=answer.rows,
        is_cut=answer.is_cut,
    )
    if answer.is_cut:
        say(f"There are more rows than {n}: see -n.", session=session)
    return Exit.OK


@app.command()
def export(ctx: typer.Context, out: _Out, dry_run: _DryRun = False) -> int:
    """Write the journal as JSON lines, without the account's name.

    Example: bot ledger export --out journal.jsonl
    """
    session: Session = ctx.obj
    with ledger_words(verb="export"), Bar("records", session=session) as bar:
        done = write_export(session.home, to=out, is_rehearsal=dry_run, progress=bar)
    _show(
        session,
        "export",
        passed=True,
        figures={"records": done.records, "size_bytes": done.bytes},
        lines=[f"{_would(dry_run)}{done.records} records to {out}, sha256 {done.sha256}"],
        out=str(out),
        sha256=done.sha256,
        dry_run=dry_run,
    )
    return Exit.OK


@app.command()
def backup(ctx: typer.Context, out: _Out, dry_run: _DryRun = False) -> int:
    """Copy the ledger while the engine runs, and verify the copy.

    Example: bot ledger backup --out ledger-monday.db
    """
    session: Session = ctx.obj
    with ledger_words(verb="back up"), Bar("pages", session=session) as bar:
        done = take_backup(session.home, to=out, is_rehearsal=dry_run, progress=bar)
    _show(
        session,
        "backup",
        passed=True,
        figures={"records": done.records, "size_bytes": done.bytes},
        lines=[f"{_would(dry_run)}a verified copy of {done.records} records in {out}"],
        out=str(out),
        head={"seq": done.head.seq, "hash": done.head.hash},
        dry_run=dry_run,
    )
    return Exit.OK


@app.command()
def restore(
    ctx: typer.Context,
    copy: Annotated[Path, typer.Argument(help="A copy that `bot ledger backup` made.")],
    dry_run: _DryRun = False,
) -> int:
    """Put a verified copy into a home without a ledger.

    Example: bot --home new ledger restore ledger-monday.db
    """
    session: Session = ctx.obj
    with ledger_words(verb="restore"), Bar("pages", session=session) as bar:
        done = put_back(
            copy,
            home=session.home,
            run_id=_run_id("restore"),
            now_ms=_now_ms(),
            is_rehearsal=dry_run,
            progress=bar,
        )
    appended = done.folded_in.appended if done.folded_in else 0
    lines = [f"{_would(dry_run)}{done.records} records in {session.home}"]
    if appended:
        lines.append(f"and {appended} from the reserve file that was there")
    _show(
        session,
        "restore",
        passed=True,
        figures={
            "records": done.records,
            "size_bytes": done.bytes,
            "reserve_records_appended": appended,
        },
        lines=lines,
        head={"seq": done.head.seq, "hash": done.head.hash},
        dry_run=dry_run,
    )
    say("What happened after the copy is not in it: bot run compares first.", session=session)
    return Exit.OK


@app.command()
def rebuild(ctx: typer.Context, dry_run: _DryRun = False) -> int:
    """Fold the journal anew, in place of every snapshot; exit 1 when the bytes differ.

    The engine must be down. A copy is taken first, into the home's folder `backups`.
    """
    session: Session = ctx.obj
    with ledger_words(verb="rebuild"), Bar("pages", session=session) as bar:
        done = fold_anew(
            session.home,
            run_id=_run_id("rebuild"),
            now_ms=_now_ms(),
            is_rehearsal=dry_run,
            progress=bar,
        )
    verdict = "the same bytes" if done.is_same else "OTHER BYTES than the snapshots said"
    _show(
        session,
        "rebuild",
        passed=done.is_same,
        figures={"records": done.head.seq},
        lines=[f"{_would(dry_run)}{done.head.seq} records folded: {verdict}"],
        before=done.before,
        after=done.after,
        backup=_path(done.backup),
        dry_run=dry_run,
    )
    return Exit.OK if done.is_same else Exit.FAILED


@app.command()
def migrate(ctx: typer.Context, dry_run: _DryRun = False) -> int:
    """Bring an older ledger's tables to this version, after a copy.

    The engine must be down. --dry-run migrates and verifies a copy, and removes it.
    """
    session: Session = ctx.obj
    with ledger_words(verb="migrate"), Bar("pages", session=session) as bar:
        done = bring_forward(
            session.home,
            run_id=_run_id("migrate"),
            now_ms=_now_ms(),
            is_rehearsal=dry_run,
            progress=bar,
        )
    lines = [f"{done.was} to {done.was + n}: {what}" for n, what in enumerate(done.steps, 1)]
    lines.append(
        f"{_would(dry_run)}schema {done.was} to {done.now}, {done.head.seq} records as they were"
        if done.steps
        else f"Nothing to do: schema {done.now} is this version's."
    )
    _show(
        session,
        "migrate",
        passed=True,
        figures={
            "schema_was": done.was,
            "schema_now": done.now,
            "steps": len(done.steps),
            "records": done.head.seq,
        },
        lines=lines,
        backup=_path(done.backup),
        dry_run=dry_run,
    )
    return Exit.OK


def _show(
    session: Session,
    verb: str,
    *,
    passed: bool,
    figures: dict[str, int],
    lines: list[str],
    **more: object,
) -> None:
    if session.as_json:
        show_json(
            {
                "schema": f"bot.ledger-{verb}/1",
                "at": now_text(),
                "passed": passed,
                "figures": figures,
                **more,
            }
        )
    else:
        show(lines, session=session)


def _would(dry_run: bool) -> str:
    return "rehearsed, nothing changed: " if dry_run else ""


def _run_id(verb: str) -> RunId:
    return RunId(f"ledger-{verb}")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
