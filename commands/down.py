"""`bot down`: stop the engine in order, and say what stays at the venue."""

import time
from typing import Annotated

import typer

from bot.control.client import Client
from bot.control.ending import StoppedBadly, ending_words
from bot.control.errors import Exit, UserError
from bot.domain.mode import Environment
from commands.acting import ask_act
from commands.ask import Step, consent, reason_for
from commands.connect import connect
from commands.last_run import LastRun, last_run
from commands.output import document, say, show, show_json
from commands.session import Session

__all__ = ["app"]

_ACT_S = 15.0  # the engine gives itself 10 s to prove that nothing rests
_RECORD_S = 10.0
_POLL_S = 0.05

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

    It ends once the venue's own list shows no order of ours; what is not proven ends with exit 1.

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
        try:
            acted, raw = ask_act(
                client,
                verb="down",
                args={
                    "reason": reason_for(session, default="bot down"),
                    "confirm": "down",
                    "cancel_opens": not keep,
                },
                session=session,
                needs_greeting=True,
                wait_s=max(wait, _ACT_S),
            )
        except UserError as error:
            if error.body.code == "NOT_PROVEN":
                _await_end(client, wait_s=wait)  # it stops all the same, and says what it leaves
            raise
        _await_end(client, wait_s=wait)
    ended = _await_record(session)
    if isinstance(ended, StoppedBadly):
        raise UserError(
            "STOPPED_BADLY",
            exit=Exit.FAILED,
            what=f"The engine ended before it was done. {ended.orders_live} orders may be live.",
            why="Nobody has asked the venue what still rests.",
            next="It reconciles before anything else: bot run",
        )
    if session.as_json:
        figures = {"record_seq": acted.record_seq}
        show_json(document("bot.down/1", raw=raw, run_id=client.hello.run_id, figures=figures))
    elif ended is None:
        say("The engine has stopped; its ledger does not tell how.", session=session)
    else:
        show(ending_words(ended, is_ascii=session.is_ascii).lines, session=session)
    return Exit.OK


def _await_record(session: Session) -> LastRun | None:
    """Return how it ended, once the engine has let go of the ledger."""
    deadline = time.monotonic() + _RECORD_S
    while (ended := last_run(session.home)) is None and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return ended


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
