"""The confirmation ladder at a terminal (UX §3.6, §4.1).

Asked only where a person can answer. Off a terminal a missing answer is a usage error that names
the flag to add; except for acts that tighten, which then ask nothing and act.
"""

import sys
from enum import IntEnum

from bot.control.errors import Exit, UserError
from bot.domain.mode import Environment
from commands.session import Session

__all__ = ["Step", "consent", "reason_for"]


class Step(IntEnum):
    """How hard an act is to confirm."""

    KEY = 2  # `y`
    WORD = 3  # a typed word
    SHOWN = 4  # a typed word, under exactly what it sends
    NAMED = 5  # the environment's name; with a reason


_PLAYGROUNDS = frozenset({Environment.DEV, Environment.STAGING})


def consent(
    session: Session,
    *,
    step: Step,
    word: str,
    environment: Environment,
    tightens: bool,
    question: str,
) -> None:
    """Return when the act is agreed to; `word` is what must be typed.

    Raises UserError: USAGE when nobody can be asked, or when `--confirm` is another word; FAILED
    when the person says no.
    """
    if session.confirm is not None:
        if session.confirm.lower() != word.lower():
            raise _usage(f'--confirm was "{session.confirm}", the word is "{word}".', word=word)
        return
    if session.says_yes and (step <= Step.WORD or environment in _PLAYGROUNDS):
        return
    if not session.may_ask:
        if tightens:
            return
        raise _usage("Not done: it must be confirmed, and nobody can be asked here.", word=word)
    print(question, file=sys.stderr)
    wanted = "y" if step is Step.KEY else word
    print(f"Type {wanted} and press Enter: ", end="", file=sys.stderr, flush=True)
    typed = sys.stdin.readline().strip()
    # A typed word is exact, so that a habit of the fingers is no consent.
    if typed != wanted:
        raise UserError(
            "NOT_CONFIRMED",
            exit=Exit.FAILED,
            what=f'Not done: "{typed[:40]}" is not {wanted}. Nothing was changed.',
            why="An act is done only on its own word.",
            next="Try again, or leave it: bot status",
        )


def reason_for(session: Session, *, default: str | None) -> str:
    """Return the reason of an act: the flag's, the default, or asked for.

    Raises UserError USAGE when it is needed and nobody can be asked.
    """
    if session.reason is not None:
        return _bounded(session.reason)
    if default is not None:
        return default
    if not session.may_ask:
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what="Not done: a reason is needed, and nobody can be asked here.",
            why="What loosens is kept for ever, with its reason.",
            next='Add: --reason "why"',
        )
    print("Reason (kept for ever): ", end="", file=sys.stderr, flush=True)
    return _bounded(sys.stdin.readline().strip())


def _bounded(reason: str) -> str:
    if 1 <= len(reason) <= 280:
        return reason
    raise UserError(
        "USAGE",
        exit=Exit.USAGE,
        what=f"Not done: the reason has {len(reason)} characters. It must have 1 to 280.",
        why="It is kept for ever, and read at 3 a.m.",
        next='For example: --reason "news at noon"',
    )


def _usage(what: str, *, word: str) -> UserError:
    return UserError(
        "USAGE",
        exit=Exit.USAGE,
        what=what,
        why="Nothing was changed.",
        next=f"Add: --confirm {word}",
    )
