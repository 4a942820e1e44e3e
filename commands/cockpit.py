"""`bot cockpit`: the screen, a client of the socket in its own process."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.control.errors import Exit, UserError
from bot.control.place import socket_place
from commands.last_run import ending_of
from commands.output import show, show_json, table
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def cockpit(
    ctx: typer.Context,
    read_only: Annotated[bool, typer.Option("--read-only", help="Hide every act.")] = False,
    screen: Annotated[str, typer.Option(help="watch, positions, orders or events.")] = "watch",
    hz: Annotated[float, typer.Option(min=0.1, max=10, help="Updates a second.")] = 4.0,
    snapshot: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each screen as text and SVG, and end.")
    ] = None,
) -> int:
    """Open the screen. It can be closed at any time: the engine goes on.

    Examples: bot cockpit        bot cockpit --read-only        bot cockpit keys
    """
    if ctx.invoked_subcommand is not None:
        return Exit.OK
    session: Session = ctx.obj
    if snapshot is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what="Not opened: the screen needs a terminal, and there is none here.",
            why="It draws and reads keys.",
            next="Without a terminal: bot status    Or: bot cockpit --snapshot DIR",
        )
    from cockpit.start import Wish, open_cockpit  # Textual takes a third of a second to load

    wish = Wish(
        place=socket_place(session.home),
        ending=ending_of(session),
        environment=session.environment,
        is_read_only=read_only,
        screen=screen,
        hz=hz,
        has_color=session.has_color,
        is_ascii=session.is_ascii,
        by=session.by,
        snapshot=snapshot,
    )
    parting = open_cockpit(wish)
    show([parting] if parting else [], session=session)
    return Exit.OK


@app.command()
def keys(ctx: typer.Context) -> int:
    """List every key with the screen it works on and what it does."""
    session: Session = ctx.obj
    from cockpit.keys import KEYS

    if session.as_json:
        rows = [
            {"name": k.name, "key": k.key, "screen": k.screen, "does": k.does, "act": k.is_act}
            for k in KEYS
        ]
        show_json({"schema": "bot.cockpit-keys/1", "figures": {"keys": len(rows)}, "keys": rows})
    else:
        cells = [(k.key, k.screen or "all", k.does) for k in KEYS]
        show(table(("KEY", "SCREEN", "DOES"), rows=cells), session=session)
    return Exit.OK
