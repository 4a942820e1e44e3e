"""`bot help`: the tables of the operator's page, from the code that uses them."""

from typing import Annotated

import typer

from bot.control.errors import EXITS, Exit, UserError
from bot.control.faults import nearest
from bot.domain.reason import REASONS, Effect, Reason
from commands.output import show, show_json, table
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_EFFECTS = {
    Effect.REFUSE: "one order is refused",
    Effect.LATCH: "opens shut, comes and goes by proof",
    Effect.REDUCE_ONLY: "REDUCE ONLY until you rearm",
    Effect.KILL: "KILL until you rearm",
}


@app.callback()
def _group() -> None:
    """The tables of exit codes and reasons."""


@app.command("exit-codes")
def exit_codes(ctx: typer.Context) -> int:
    """List what each exit code means."""
    session: Session = ctx.obj
    if session.as_json:
        rows = [
            {"code": int(row.code), "name": row.name, "when": row.when, "example": row.example}
            for row in EXITS
        ]
        figures = {"codes": len(rows)}
        show_json({"schema": "bot.help-exit-codes/1", "figures": figures, "codes": rows})
    else:
        cells = [(str(int(row.code)), row.name, row.when) for row in EXITS]
        show(table((">CODE", "NAME", "WHEN"), rows=cells), session=session)
    return Exit.OK


@app.command()
def reasons(
    ctx: typer.Context,
    code: Annotated[str | None, typer.Argument(help="One code; without it, all.")] = None,
) -> int:
    """Say what a reason code means, what it does, and what to do next."""
    session: Session = ctx.obj
    chosen = tuple(Reason) if code is None else (_reason(code),)
    if session.as_json:
        rows = [
            {
                "code": reason.value,
                "effect": REASONS[reason].effect.value,
                "text": REASONS[reason].text,
                "next": REASONS[reason].next,
            }
            for reason in chosen
        ]
        figures = {"reasons": len(rows)}
        show_json({"schema": "bot.help-reasons/1", "figures": figures, "reasons": rows})
    elif code is None:
        cells = [(r.value, _EFFECTS[REASONS[r].effect], REASONS[r].text) for r in chosen]
        show(table(("CODE", "DOES", "BECAUSE"), rows=cells), session=session)
    else:
        meaning = REASONS[chosen[0]]
        show(
            [
                f"{chosen[0].value}: {meaning.text}.",
                f"Does: {_EFFECTS[meaning.effect]}.",
                f"Next: {meaning.next}",
            ],
            session=session,
        )
    return Exit.OK


def _reason(code: str) -> Reason:
    asked = code.upper().replace("-", "_")
    known = [reason.value for reason in Reason]
    if asked in known:
        return Reason(asked)
    close = nearest(asked, known=known)
    raise UserError(
        "NOT_FOUND",
        exit=Exit.FAILED,
        what=f'There is no reason "{code}".',
        why="Reasons are a closed list.",
        next=f"Did you mean: bot help reasons {close}" if close else "All: bot help reasons",
    )
