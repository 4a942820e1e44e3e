"""`bot`: find the word, load its module, and turn every outcome into an exit code (UX §4).

Nothing heavy is imported here: `bot status --json` ends without a parser, and each other word loads
its own module only.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final

from bot.control.errors import Exit, UserError
from bot.control.faults import nearest
from commands.globals import refuse_flags, session_of, split
from commands.groups import DAILY, GROUPS, OPAQUE, help_lines
from commands.output import PipeClosedError, say, show, show_error, show_json
from commands.session import Session
from commands.status_report import show_status

if TYPE_CHECKING:
    pass

__all__ = ["main"]

_HELP: Final = frozenset({"--help", "-h"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; the console script passes it to the shell."""
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    is_verbose = "-v" in words or "--verbose" in words
    try:
        return int(_run(words))
    except UserError as error:
        if is_verbose:
            _show_trace()
        try:
            show_error(error, as_json=as_json)
        except PipeClosedError:
            return _pipe_closed()
        return int(error.exit)
    except PipeClosedError:
        return _pipe_closed()
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return int(Exit.INTERRUPTED)
    except Exception as error:  # noqa: BLE001  # outermost: our bug ends as exit 70, never as a trace
        from commands.crash import our_fault

        if is_verbose:
            _show_trace()
        show_error(our_fault(error, words=words), as_json=as_json)
        return int(Exit.OUR_FAULT)


def _run(words: Sequence[str]) -> int:
    given, rest = split(words, opaque=OPAQUE)
    session = session_of(given)
    if not rest:
        return _greet(session)
    word, *args = rest
    if word in _HELP or (word == "help" and not args):
        show(help_lines(), session=session)
        return Exit.OK
    if word == "--version":
        return _version(session)
    group = GROUPS.get(word)
    if group is None:
        raise _unknown(word, after="bot", known=tuple(GROUPS))
    refuse_flags(given, allowed=group.flags, verb=f"bot {word}")
    if group.verbs and args and not args[0].startswith("-") and args[0] not in group.verbs:
        raise _unknown(args[0], after=f"bot {word}", known=group.verbs)
    if group.verbs and not args and word != "cockpit":
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f'"bot {word}" needs one more word: {", ".join(group.verbs)}.',
            why="Nothing was changed.",
            next=f"For example: bot {word} {group.verbs[0]}",
        )
    if word == "status" and not args and session.as_json:
        return show_status(session)
    return _parse(group.module, word=word, args=args, session=session)


def _parse(module: str, *, word: str, args: Sequence[str], session: Session) -> int:
    import typer
    import typer.main

    app: typer.Typer = import_module(module).app
    command = typer.main.get_command(app)
    try:
        result = command.main(
            args=list(args), prog_name=f"bot {word}", standalone_mode=False, obj=session
        )
    except typer.TyperException as error:
        verb = " ".join(["bot", word, *[arg for arg in args[:1] if not arg.startswith("-")]])
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f"{verb}: {error.format_message().rstrip('.')}.",
            why="Nothing was changed.",
            next=f"See its flags: {verb} --help",
        ) from error
    return result if isinstance(result, int) else Exit.OK


def _greet(session: Session) -> int:
    if session.as_json:
        return show_status(session)
    show_status(session, only_lines=True)
    show(["", *(f"  {command:<24}{what}" for command, what in DAILY)], session=session)
    say("All of them: bot --help", session=session)
    return Exit.OK


def _version(session: Session) -> int:
    import platform
    from importlib.metadata import version

    found = {"bot": version("bot"), "python": platform.python_version()}
    if session.as_json:
        show_json({"schema": "bot.version/1", "figures": {}, **found})
    else:
        show([f"bot {found['bot']}  Python {found['python']}"], session=session)
    return Exit.OK


def _unknown(word: str, *, after: str, known: Sequence[str]) -> UserError:
    close = nearest(word, known=known)
    if word.startswith("-"):
        return UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f'Unknown flag "{word}" after "{after}".',
            why="Nothing was changed.",
            next="See all: bot --help",
        )
    return UserError(
        "USAGE",
        exit=Exit.USAGE,
        what=f'Unknown word "{word}" after "{after}".'
        + (f" Did you mean: {after} {close}" if close else ""),
        why="Nothing was changed.",
        next="" if close else f"Known: {', '.join(known)}",
        details={"nearest": close},
    )


def _pipe_closed() -> int:
    # The interpreter flushes stdout once more at its end; there must be somewhere to flush to.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(Exit.PIPE_CLOSED)


def _show_trace() -> None:
    import traceback

    traceback.print_exc()


if __name__ == "__main__":
    sys.exit(main())
