"""`bot status` itself, without any parser: the path that a cron job takes every minute.

Only msgspec and a blocking socket are loaded here (UX §4.1 "Speed"); a test holds the list.
"""

import sys
import time
from typing import Final, NamedTuple

import msgspec

from bot.control.ending import ending_face, ending_status
from bot.control.errors import Exit, UserError
from bot.control.lines import face_of
from bot.control.render import EVENTS_SHOWN, status_screen
from bot.control.view import EventRow, ModeWord, PositionRow, Status
from commands.connect import connect
from commands.last_run import ending_of, now_text
from commands.output import color_line, show, show_json
from commands.session import Session

__all__ = ["WATCH_S", "Read", "read_status", "show_status"]

WATCH_S: Final = 1.0
_CLEAR: Final = "\x1b[H\x1b[2J"


class _Tail(msgspec.Struct, frozen=True):
    rows: tuple[EventRow, ...]


class _Held(msgspec.Struct, frozen=True):
    positions: tuple[PositionRow, ...]


class Read(NamedTuple):
    """A status, its document to the digit, and what else the screen for people shows."""

    status: Status
    raw: bytes
    held: tuple[PositionRow, ...] = ()
    events: tuple[EventRow, ...] = ()


def read_status(session: Session) -> Read:
    """Return the status; for people with positions and the last events.

    Without an engine it is the complete document of an ending, with connected false.
    Raises UserError for everything but an absent engine.
    """
    try:
        with connect(session) as client:
            raw = client.ask("status")
            status = msgspec.json.decode(raw, type=Status)
            if session.as_json:
                return Read(status, raw)
            held = msgspec.json.decode(client.ask("positions"), type=_Held)
            tail = msgspec.json.decode(client.ask("tail", {"n": EVENTS_SHOWN}), type=_Tail)
            return Read(status, raw, held.positions, tail.rows)
    except UserError as error:
        if error.body.code != "NO_ENGINE":  # a busy or starting engine is there
            raise
        status = ending_status(ending_of(session), at=now_text())
        return Read(status, msgspec.json.encode(status))


def show_status(
    session: Session,
    *,
    is_mode: ModeWord | None = None,
    only_lines: bool = False,
    watches: bool = False,
) -> Exit:
    """Print the status and return the exit code: 0, or 3 without an engine; with `is_mode` 0 or 1.

    Watching repeats it each second until interrupted: a redrawn screen, or a document a line.
    """
    while True:
        read = read_status(session)
        if watches and not session.as_json and sys.stdout.isatty():
            sys.stdout.write(_CLEAR)
        if session.as_json:
            show_json(read.raw)
        elif not session.is_quiet:
            _show_screen(read, session=session, only_lines=only_lines)
        if not watches:
            return _exit_of(read.status, is_mode=is_mode)
        time.sleep(WATCH_S)


def _show_screen(read: Read, *, session: Session, only_lines: bool) -> None:
    status = read.status
    lines = status_screen(status, held=read.held, events=read.events, is_ascii=session.is_ascii)
    face = face_of(status) if status.connected else ending_face(ending_of(session))
    first = color_line(lines[0], face=face, session=session)
    show((first, *(lines[1:3] if only_lines else lines[1:])), session=session)


def _exit_of(status: Status, *, is_mode: ModeWord | None) -> Exit:
    if not status.connected:
        return Exit.NO_ENGINE
    if is_mode is not None and status.mode is not is_mode:
        return Exit.FAILED
    return Exit.OK
