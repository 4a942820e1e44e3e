"""`bot status`: the three lines and the state of the day."""

from typing import Annotated

import typer

from bot.control.errors import Exit, UserError
from bot.control.faults import nearest
from bot.control.view import ModeWord
from commands.session import Session
from commands.status_report import show_status

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def status(
    ctx: typer.Context,
    is_mode: Annotated[
        str | None, typer.Option("--is", metavar="MODE", help="Exit 0 in this mode, else 1.")
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Only the three lines.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Again each second, until Ctrl-C.")
    ] = False,
) -> int:
    """Show mode, why, what next, and the state of the day.

    Examples: bot status        bot status --is ACTIVE        bot status --json
    """
    session: Session = ctx.obj
    wanted = None if is_mode is None else _mode(is_mode)
    return show_status(session, is_mode=wanted, only_lines=lines, watches=watch)


def _mode(word: str) -> ModeWord:
    asked = word.upper().replace("-", "_")
    words = [mode.value for mode in ModeWord if mode is not ModeWord.UNKNOWN]
    if asked in words:
        return ModeWord(asked)
    close = nearest(asked, known=words)
    raise UserError(
        "USAGE",
        exit=Exit.USAGE,
        what=f'Unknown mode "{word}". It is one of {", ".join(words)}.',
        why="Nothing was changed.",
        next=f"Did you mean: bot status --is {close or 'ACTIVE'}",
    )
