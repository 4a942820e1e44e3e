"""What a flatten has left to close: followed until nothing is, or until patience ends [C-403]."""

import time
from typing import Final

import msgspec

from bot.control.client import Client
from bot.control.errors import Exit, UserError
from bot.control.flatten import FlattenPlan
from bot.control.render import closing_lines
from bot.control.view import PositionRow, Status
from commands.output import say
from commands.session import Session

__all__ = ["await_flat", "left_lines"]

_LOOK_S: Final = 0.25  # the engine publishes four times a second
_NO_VENUE: Final = frozenset({"RECONNECTING", "STARTING"})


class _Held(msgspec.Struct, frozen=True):
    positions: tuple[PositionRow, ...]


def await_flat(client: Client, *, op: str, wait_s: float, session: Session) -> FlattenPlan:
    """Show what is left whenever it changes, until the engine has no more to close.

    Returns what a flatten would send then: without exits nothing is held any more.
    Raises UserError: VENUE when the time is over and the venue is not reached; NO_ENGINE when the
    engine goes away meanwhile. Ctrl-C ends the waiting, and not the flatten.
    """
    try:
        closing = _follow(client, deadline_s=time.monotonic() + wait_s, session=session)
        status = msgspec.json.decode(client.ask("status"), type=Status)
        left = msgspec.json.decode(client.ask("flatten plan"), type=FlattenPlan)
    except UserError as error:
        if error.exit is Exit.NO_ENGINE:
            raise _went_away(op) from None
        raise
    except KeyboardInterrupt:
        say("Not waited for: the engine goes on closing. bot positions", session=session)
        raise
    if closing and any(cause.code in _NO_VENUE for cause in status.causes):
        raise _no_venue(op, closing=closing)
    return left


def left_lines(left: FlattenPlan) -> list[str]:
    """Say what is left, and why nothing would go out for it now, if so."""
    return [
        f"left: {row.side} {row.amount} of {row.instrument}"
        + (f": no order would go out now: {row.refused}" if row.refused else "")
        for row in left.exits
    ]


def _follow(client: Client, *, deadline_s: float, session: Session) -> list[str]:
    shown: list[str] = []
    while True:
        held = msgspec.json.decode(client.ask("positions"), type=_Held).positions
        closing = closing_lines(held)
        for line in closing:
            if line not in shown:
                say(line, session=session)
        shown = closing
        if not closing or time.monotonic() >= deadline_s:
            return closing
        time.sleep(_LOOK_S)


def _went_away(op: str) -> UserError:
    return UserError(
        "NO_ENGINE",
        exit=Exit.NO_ENGINE,
        what=f"The flatten was taken ({op}), then the engine went away. Orders may have gone out.",
        why="What is to be closed is in the ledger: a start goes on with it.",
        next="Look: bot status        Start it: bot run",
    )


def _no_venue(op: str, *, closing: list[str]) -> UserError:
    return UserError(
        "VENUE",
        exit=Exit.VENUE,
        what=f"The flatten was taken ({op}), but the venue is not reached: {closing[0]}.",
        why="The engine goes on with it by itself as soon as the venue answers.",
        next="Watch it: bot status --watch",
        details={"left": closing},
    )
