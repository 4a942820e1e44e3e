"""`bot recon`: compare everything with the venue now [C-502]."""

import typer

from bot.control.errors import Exit
from commands.acting import act
from commands.ask import reason_for
from commands.connect import connect
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def _group() -> None:
    """Compare orders, trades, positions and account with the venue."""


@app.command("run")
def run_recon(ctx: typer.Context) -> int:
    """Start one full reconcile. It is harmless, recorded, and goes on in the background."""
    session: Session = ctx.obj
    with connect(session) as client:
        act(
            client,
            verb="recon run",
            args={"reason": reason_for(session, default="bot recon run")},
            session=session,
            schema="bot.recon-run/1",
            needs_greeting=True,
        )
    return Exit.OK
