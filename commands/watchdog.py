"""`bot watchdog`: a second process that takes the engine's orders off when it is silent [C-505]."""

import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from bot.control.errors import Exit, UserError
from bot.control.glyphs import ascii_of
from bot.control.notify import notifier
from bot.domain.mode import Environment
from commands.output import show_json
from commands.session import Session

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def watchdog(ctx: typer.Context) -> int:
    """Look at the engine each second; silent over 5 s, its resting opens are cancelled.

    It has a key of its own and goes on whatever happens to the engine. Ctrl-C ends it.

    Examples: bot watchdog --env dev        bot watchdog -q
    """
    session: Session = ctx.obj
    environment = session.environment or Environment.DEV
    if environment is not Environment.DEV:
        raise UserError(
            "NO_VENUE",
            exit=Exit.UNSAFE_START,
            what=f"Cannot start: this build has no venue for {environment.value}.",
            why="The watchdog must reach the venue that the engine trades at.",
            next="bot watchdog --env dev",
        )

    import trio

    watch = import_module("bot.watchdog.watch")
    alone = import_module("bot.watchdog.alone")
    post = _post(session, environment)
    stand = partial(watch.watch, post, show=_shown(session), tell_unit=notifier(os.environ))
    try:
        with alone.alone(post.home):
            ended = trio.run(stand)
    except alone.AnotherWatchesError as other:
        raise UserError(
            "WATCHDOG_HELD",
            exit=Exit.REFUSED,
            what=f"Another watchdog looks after {post.home} already, process {other}.",
            why="Two would spend the same credits on the same cancels. That one goes on.",
            next=f"See it: bot status        End it: kill {other}",
        ) from None
    except watch.KeyRefusedError as refused:
        raise UserError(
            "WATCHDOG_KEY",
            exit=Exit.VENUE,
            what=f"The watchdog has ended: the venue refuses its key ({refused}).",
            why="It could cancel nothing. An engine that expects it opens nothing meanwhile.",
            next="Give it a key that may trade and read the account, then: bot watchdog",
        ) from None
    if session.as_json:
        figures = {"looks": ended.looks, "silences": ended.silences, "cancels": ended.cancels}
        show_json({"schema": "bot.watchdog/1", "ended": ended.by, "figures": figures})
    return Exit.INTERRUPTED if ended.by == "SIGINT" else Exit.OK


def _post(session: Session, environment: Environment) -> Any:
    """Read where it stands: the engine's own configuration, and a key that is not the engine's."""
    config = import_module("bot.engine.config").read_config(session.home, environment)
    home = import_module("bot.engine.home").make_home(session.home)
    key = import_module("bot.venue.key")
    named = os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        credentials = key.read_key(
            "watchdog",
            credentials=Path(named) if named else None,
            file=home.exchange / "keys.json",
        )
    except key.KeyUnusableError as unusable:
        raise UserError(
            "KEY",
            exit=Exit.CONFIG,
            what=f"Cannot start: {unusable}.",
            why="Without a key of its own the watchdog can cancel nothing.",
            next="The exchange of DEV makes its keys at its first start: bot run",
        ) from None
    return import_module("bot.watchdog.watch").Post(
        home=home.path,
        endpoint=home.exchange / "endpoint.json",
        credentials=credentials,
        currency=config.currency,
    )


def _shown(session: Session) -> Callable[[str], None]:
    """Say lines on stderr: stdout belongs to the one document of `--json`."""

    def show(line: str) -> None:
        if not session.is_quiet:
            print(ascii_of(line) if session.is_ascii else line, file=sys.stderr, flush=True)

    return show
