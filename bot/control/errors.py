"""Errors that people read: what happened, why, what next (UX §5), and the exit codes (UX §4.2).

Text and JSON forms are made here and nowhere else, so that socket, commands and cockpit say the
same words.
"""

import textwrap
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

__all__ = ["EXITS", "ErrorBody", "Exit", "ExitRow", "UserError", "error_json", "error_text"]

WIDTH: Final = 80


class Exit(IntEnum):
    """The exit code of every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NO_ENGINE = 3
    REFUSED = 4
    CONFIG = 5
    LEDGER = 6
    VENUE = 7
    EVIDENCE = 8
    APPROVAL = 9
    UNSAFE_START = 10
    OUR_FAULT = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141


class ExitRow(NamedTuple):
    """One row of the table that `bot help exit-codes` prints."""

    code: Exit
    name: str
    when: str
    example: str


EXITS: Final = (
    ExitRow(Exit.OK, "ok", "done, or the answer is yes", "bot status in any mode"),
    ExitRow(
        Exit.FAILED,
        "failed",
        "a check, drill, gate or look-up says no",
        "bot health while opens are shut",
    ),
    ExitRow(
        Exit.USAGE,
        "usage",
        "wrong words, flags, values; prompt needed off a terminal",
        "bot mode kil",
    ),
    ExitRow(
        Exit.NO_ENGINE,
        "no engine",
        "not running, not reachable, busy, too slow",
        "bot orders after bot down",
    ),
    ExitRow(
        Exit.REFUSED,
        "refused",
        "guard, policy or read-only said no; the world changed meanwhile",
        "rearm while a cause stands",
    ),
    ExitRow(
        Exit.CONFIG,
        "config",
        "configuration or policy invalid, secret missing or too open",
        "unknown field, line given",
    ),
    ExitRow(
        Exit.LEDGER,
        "ledger",
        "held, corrupt, from a newer version, full, read-only",
        "second engine",
    ),
    ExitRow(
        Exit.VENUE,
        "venue",
        "unreachable, refused our key, rate limit, maintenance",
        "bot run with the venue off line",
    ),
    ExitRow(
        Exit.EVIDENCE,
        "evidence",
        "pack, signature, certificate or coverage wrong",
        "a changed evidence file",
    ),
    ExitRow(
        Exit.APPROVAL,
        "approval",
        "missing, expired, used, not yours to give",
        "proposer grants own request",
    ),
    ExitRow(
        Exit.UNSAFE_START,
        "unsafe start",
        "environment, key or clock does not fit; LIVE without the flag",
        "bot run --env live",
    ),
    ExitRow(Exit.OUR_FAULT, "our fault", "a bug; the trace is in the log, its id on stderr", ""),
    ExitRow(Exit.INTERRUPTED, "interrupted", "Ctrl-C", ""),
    ExitRow(Exit.PIPE_CLOSED, "pipe closed", "reader went away", "bot tail | head"),
)


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """An error as data: the `error` of a socket answer, and the body of `bot.error/1`."""

    code: str
    exit: int
    what: str
    why: str
    next: str
    details: dict[str, object] = {}


class UserError(Exception):
    """Something a person must know: three facts and an exit code, never a traceback.

    `what` says what happened with its value, unit and limit, and what did *not* happen; `why` why
    it matters or came about; `next` one thing to do that can be pasted.
    """

    def __init__(
        self,
        code: str,
        *,
        exit: Exit,  # noqa: A002  # the word of the socket and of `bot.error/1`
        what: str,
        why: str,
        next: str,  # noqa: A002  # likewise
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(what)
        self.body = ErrorBody(
            code=code, exit=int(exit), what=what, why=why, next=next, details=dict(details or {})
        )

    @property
    def exit(self) -> Exit:
        """The exit code of the command that this ends."""
        return Exit(self.body.exit)

    @classmethod
    def of(cls, body: ErrorBody) -> "UserError":
        """Take over what the engine answered; an exit code we do not know counts as FAILED."""
        known = body.exit in {row.code for row in EXITS}
        return cls(
            body.code,
            exit=Exit(body.exit) if known else Exit.FAILED,
            what=body.what,
            why=body.why,
            next=body.next,
            details=body.details,
        )


def error_text(body: ErrorBody) -> str:
    """Return the three parts as lines of at most 80 columns, in this order: what, why, next."""
    parts = (body.what, body.why, body.next)
    return "\n".join(
        line
        for part in parts
        if part
        for line in textwrap.wrap(part, WIDTH, break_long_words=False, break_on_hyphens=False)
    )


def error_json(body: ErrorBody) -> bytes:
    """Return the one document `bot.error/1`, without a line end."""
    return msgspec.json.encode({"schema": "bot.error/1", **msgspec.structs.asdict(body)})
