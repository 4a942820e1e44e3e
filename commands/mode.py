"""`bot mode`: see the mode, tighten it, or consent to loosen it [C-307]."""

import msgspec
import typer

from bot.control.errors import Exit, UserError
from bot.control.view import Status
from commands.acting import act
from commands.ask import Step, consent, reason_for
from commands.connect import connect
from commands.output import say, show, show_json
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

_RULES = (
    "ACTIVE       opens and exits",
    "REDUCE ONLY  exits only; resting opens are cancelled",
    "KILL         the same, and strategies are silent",
    "Anybody may tighten: bot mode reduce-only, bot mode kill.",
    "Only you can loosen, with a reason, when no cause stands: bot mode rearm.",
)


@app.callback()
def _group() -> None:
    """See the mode, tighten it, or consent to loosen it."""


@app.command("show")
def show_mode(ctx: typer.Context) -> int:
    """Show mode, causes, since when, and who may change it."""
    session: Session = ctx.obj
    for flag, value in (("--reason", session.reason), ("--confirm", session.confirm)):
        if value is not None:
            raise UserError(
                "USAGE",
                exit=Exit.USAGE,
                what=f"{flag} has no meaning for bot mode show.",
                why="Nothing was changed.",
                next="bot mode show",
            )
    with connect(session) as client:
        raw = client.ask("status")
    status = msgspec.json.decode(raw, type=Status)
    if session.as_json:
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        names = ("at", "run_id", "mode", "since", "age_ms", "rev", "environment", "causes", "latch")
        body = {name: fields[name] for name in (*names, "lines") if name in fields}
        figures = {"causes": len(status.causes)}
        show_json({"schema": "bot.mode-show/1", "figures": figures, **body})
        return Exit.OK
    causes = [
        f"{cause.mode.value:<11}  {cause.code}: {cause.text}, since {cause.since[11:19]} UTC"
        for cause in status.causes
    ]
    show((*status.lines, *([""] if causes else []), *causes, "", *_RULES), session=session)
    return Exit.OK


@app.command("reduce-only")
def reduce_only(ctx: typer.Context) -> int:
    """Stop new risk, keep every exit. Off a terminal it asks nothing and acts."""
    return _tighten(
        ctx.obj,
        mode="REDUCE_ONLY",
        verb="reduce-only",
        step=Step.KEY,
        word="y",
        question="No new risk from now on; resting opens are cancelled; exits go on.",
    )


@app.command()
def kill(ctx: typer.Context) -> int:
    """Cancel resting opens, allow containment only. Off a terminal it asks nothing and acts."""
    return _tighten(
        ctx.obj,
        mode="KILL",
        verb="kill",
        step=Step.WORD,
        word="KILL",
        question="Resting opens are cancelled, nothing new is opened, positions stay."
        " To undo it you must rearm, with a reason.",
    )


@app.command()
def rearm(ctx: typer.Context) -> int:
    """Consent to go back to what the causes allow. Asks for the environment and a reason.

    From a script: bot mode rearm --reason "news is over" --confirm paper
    """
    session: Session = ctx.obj
    with connect(session) as client:
        status = msgspec.json.decode(client.ask("status"), type=Status)
        if session.may_ask:
            for line in status.lines:
                say(line, session=session)
        reason = reason_for(session, default=None)
        consent(
            session,
            step=Step.NAMED,
            word=status.environment.value.lower(),
            environment=status.environment,
            tightens=False,
            question="Rearm lets the engine take new risk again, as far as no cause stands.",
        )
        act(
            client,
            verb="mode rearm",
            args={"reason": reason, "expect": status.rev, "seen_at": status.at},
            session=session,
            schema="bot.mode-rearm/1",
            needs_greeting=True,
        )
    return Exit.OK


def _tighten(
    session: Session, *, mode: str, verb: str, step: Step, word: str, question: str
) -> Exit:
    with connect(session) as client:
        consent(
            session,
            step=step,
            word=word,
            environment=client.hello.environment,
            tightens=True,
            question=question,
        )
        act(
            client,
            verb="mode",
            args={"mode": mode, "reason": reason_for(session, default=f"bot mode {verb}")},
            session=session,
            schema=f"bot.mode-{verb}/1",
            needs_greeting=False,
        )
    return Exit.OK
