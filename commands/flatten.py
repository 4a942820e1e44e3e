"""`bot flatten`: show the exact orders that close everything, then send just these [C-403]."""

from typing import Annotated, Final

import msgspec
import typer

from bot.control.client import Client
from bot.control.errors import Exit, UserError
from bot.control.flatten import ExitRow, FlattenPlan
from commands.acting import ask_act
from commands.ask import Step, consent, reason_for
from commands.connect import connect
from commands.leftover import await_flat, left_lines
from commands.output import document, show, show_json, table
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_HEAD: Final = (
    *("INSTRUMENT", "SIDE", ">AMOUNT", ">FIRST", ">LAST"),
    *(">MARK", ">COST", "IN"),
)
_WORD: Final = "FLATTEN"
_HASH_CHARS: Final = 12


@app.command()
def flatten(
    ctx: typer.Context,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show the exact orders and their hash; send nothing.")
    ] = False,
    go: Annotated[
        bool, typer.Option("--go", help="Send them; off a terminal with --confirm HASH.")
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, max=3_600, help="Seconds to wait until all is closed.")
    ] = 120.0,
) -> int:
    """Close everything that is held, in any mode; afterwards the mode is REDUCE ONLY at least.

    Examples: bot flatten --plan        bot flatten --go        bot flatten --go --confirm HASH
    """
    session: Session = ctx.obj
    if plan == go:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f"bot flatten needs {'only one' if plan else 'one'} of --plan and --go."
            " Nothing was sent.",
            why="--plan shows the exact orders and their hash; --go sends them.",
            next="See first what would be sent: bot flatten --plan",
        )
    return _go(session, wait_s=wait) if go else _show_plan(session)


def _show_plan(session: Session) -> Exit:
    given = {"--reason": session.reason, "--confirm": session.confirm, "--as": session.by}
    for flag, value in given.items():
        if value is not None:
            raise UserError(
                "USAGE",
                exit=Exit.USAGE,
                what=f"{flag} has no meaning for bot flatten --plan. Nothing was sent.",
                why="A plan is only looked at.",
                next="bot flatten --plan",
            )
    with connect(session) as client:
        plan, raw = _ask_plan(client)
    if session.as_json:
        figures = {"exits": len(plan.exits), "refused": sum(bool(e.refused) for e in plan.exits)}
        run_id = client.hello.run_id
        show_json(document("bot.flatten-plan/1", raw=raw, run_id=run_id, figures=figures))
    else:
        show(_plan_lines(plan), session=session)
    return Exit.OK


def _go(session: Session, *, wait_s: float) -> Exit:
    with connect(session) as client:
        plan, _ = _ask_plan(client)
        if not plan.exits:
            return _show_end(session, client, plan=plan, left=plan, raw=b"{}")
        wanted = _consented(session, client, plan=plan)
        args = {
            "plan": wanted,
            "confirm": _WORD,
            "reason": reason_for(session, default="bot flatten --go"),
        }
        acted, raw = ask_act(
            client, verb="flatten go", args=args, session=session, needs_greeting=True
        )
        left = await_flat(client, op=acted.op, wait_s=wait_s, session=session)
        return _show_end(session, client, plan=plan, left=left, raw=raw)


def _consented(session: Session, client: Client, *, plan: FlattenPlan) -> str:
    """Return the hash that the owner agrees to. Raises UserError when there is none."""
    if session.confirm is not None:
        return _hash_of(session.confirm)
    if not session.may_ask:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what="Not sent: it must be confirmed, and nobody can be asked here.",
            why="Off a terminal the hash says which orders you have seen. Nothing was changed.",
            next="See them: bot flatten --plan        Then: bot flatten --go --confirm HASH",
        )
    consent(
        session,
        step=Step.SHOWN,
        word=_WORD,
        environment=client.hello.environment,
        tightens=False,
        question="\n".join(_plan_lines(plan)),
    )
    return plan.hash


def _hash_of(text: str) -> str:
    if len(text) == _HASH_CHARS and set(text) <= set("0123456789abcdef"):
        return text
    raise UserError(
        "USAGE",
        exit=Exit.USAGE,
        what=f'Not sent: --confirm was "{text[:40]}". It must be the hash of the plan.',
        why="The hash says which orders you have seen. Nothing was changed.",
        next="See them and their hash: bot flatten --plan",
    )


def _ask_plan(client: Client) -> tuple[FlattenPlan, bytes]:
    raw = client.ask("flatten plan")
    return msgspec.json.decode(raw, type=FlattenPlan), raw


def _plan_lines(plan: FlattenPlan) -> list[str]:
    if not plan.exits:
        return [
            "Nothing is held: there is nothing to close.",
            "To keep it so: bot mode reduce-only",
        ]
    refused = [
        f"{row.instrument}: no order would go out now: {row.refused}"
        for row in plan.exits
        if row.refused
    ]
    return [
        *table(_HEAD, rows=[_cells(row) for row in plan.exits]),
        *refused,
        "Each gives way step by step, from its first limit to its last. Options go first.",
        "Cost is the most that it gives away against the mark, without fees, as of now.",
        f"plan {plan.hash} at {plan.at[11:19]} UTC",
    ]


def _cells(row: ExitRow) -> tuple[str, ...]:
    return (
        row.instrument,
        row.side,
        row.amount,
        row.prices[0] if row.prices else "-",
        row.prices[-1] if row.prices else "-",
        row.mark or "-",
        row.cost or "-",
        row.currency or "-",
    )


def _show_end(
    session: Session, client: Client, *, plan: FlattenPlan, left: FlattenPlan, raw: bytes
) -> Exit:
    """Say what came of it: 0 when flat, 1 when something is left."""
    if session.as_json:
        figures = {"exits": len(plan.exits), "positions_left": len(left.exits)}
        show_json(
            document(
                "bot.flatten/1",
                raw=raw,
                at=left.at,
                run_id=client.hello.run_id,
                plan=plan.hash,
                passed=not left.exits,
                figures=figures,
                left=left.exits,
            )
        )
    elif left.exits:
        show([*left_lines(left), "Whether the engine goes on: bot positions"], session=session)
    elif plan.exits:
        show(["Flat: nothing is held any more."], session=session)
    else:
        show(_plan_lines(plan), session=session)
    return Exit.FAILED if left.exits else Exit.OK
