"""`bot down`: stop the engine in order, and say what stays at the venue."""

import time
from typing import Annotated

import typer

from bot.control.client import Client
from bot.control.ending import ending_words
from bot.control.errors import Exit, UserError
from bot.domain.mode import Environment
from commands.acting import act
from commands.ask import Step, consent, reason_for
from commands.connect import connect
from commands.last_run import last_run
from commands.output import say, show
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def down(
    ctx: typer.Context,
    keep: Annotated[
        bool, typer.Option("--keep/--cancel-opens", help="Leave resting opens at the venue.")
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, max=600, help="Seconds to wait for the end.")
    ] = 30.0,
) -> int:
    """Stop the engine in order. Resting opens are cancelled first, positions stay.

    In PAPER and LIVE it asks for y; from a script: bot down --yes
    """
    session: Session = ctx.obj
    with connect(session) as client:
        environment = client.hello.environment
        if environment not in {Environment.DEV, Environment.STAGING}:
            consent(
                session,
                step=Step.KEY,
                word="down",
                environment=environment,
                tightens=False,
                question="The engine stops. Positions stay at the venue, and nothing hedges them.",
            )
        act(
            client,
            verb="down",
            args={
                "reason": reason_for(session, default="bot down"),
                "confirm": "down",
                "cancel_opens": not keep,
            },
            session=session,
            schema="bot.down/1",
            needs_greeting=True,
        )
        _await_end(client, wait_s=wait)
    ended = last_run(session.home)
    if ended is not None and not session.as_json:
        show(ending_words(ended, is_ascii=session.is_ascii).lines, session=session)
    else:
        say("The engine has stopped.", session=session)
    return Exit.OK


def _await_end(client: Client, *, wait_s: float) -> None:
    """Wait for the connection to end. Raises UserError FAILED when it does not in time."""
    deadline = time.monotonic() + wait_s
    try:
        client.watch_until(deadline)
    except UserError as error:
        if error.exit is Exit.NO_ENGINE:
            return
        raise
    raise UserError(
        "STILL_STOPPING",
        exit=Exit.FAILED,
        what=f"Not yet stopped after {wait_s:g} s. The engine has taken the order and goes on.",
        why="It may be waiting for the venue to confirm a cancel.",
        next="Watch it: bot status --watch",
    )
