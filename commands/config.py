"""`bot config`: what the surroundings of an engine are to be told."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.control.errors import Exit
from bot.control.service import Service, units
from bot.domain.mode import Environment
from commands.output import show, show_json
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def _group() -> None:
    """What the surroundings of an engine are to be told."""


@app.command()
def service(
    ctx: typer.Context,
    user: Annotated[
        bool, typer.Option("--user", help="For your own service manager, not the system's.")
    ] = False,
) -> int:
    """Print the systemd units of engine and watchdog; nothing is installed.

    The home must be there already, and be yours: one bot run makes it. Beyond DEV the keys come as
    credentials, from one file a role that only root can read.

    Examples: bot config service --user        bot --json config service
    """
    session: Session = ctx.obj
    home = session.home.absolute()
    folder = Path.home() / ".config/systemd/user" if user else Path("/etc/systemd/system")
    keys = Path.home() / ".config/bot/keys" if user else Path("/etc/bot/keys")
    made = units(
        Service(
            command=(sys.executable, "-m", "commands"),
            home=home,
            environment=session.environment or Environment.DEV,
            is_user=user,
            login=getpass.getuser(),
            keys=keys,
        )
    )
    if session.as_json:
        rows = [{"path": str(folder / unit.name), "text": unit.text} for unit in made]
        figures = {"units": len(rows)}
        show_json({"schema": "bot.config-service/1", "figures": figures, "units": rows})
        return Exit.OK
    for unit in made:
        show([f"# {folder / unit.name}", *unit.text.splitlines(), ""], session=session)
    return Exit.OK
