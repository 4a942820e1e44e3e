"""The error codes of the socket, as data, and the words of those that control itself answers.

Source: UX §2.4. Codes that the engine gives (REFUSED, LEDGER, VENUE, ...) carry its own words.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, NamedTuple

from bot.control.errors import ErrorBody, Exit

__all__ = [
    "FAULTS",
    "LINE_BYTES_MAX",
    "Fault",
    "bad_args",
    "bad_frame",
    "bad_json",
    "busy",
    "changed",
    "changed_plan",
    "conflict",
    "internal",
    "nearest",
    "no_protocol",
    "not_flattened",
    "not_found",
    "read_only",
    "stopping",
    "too_long",
    "unknown_verb",
]

LINE_BYTES_MAX: Final = 1 << 20  # 1 MiB, in either direction (UX §2.2)


class Fault(NamedTuple):
    """What a code means to the connection that gets it."""

    exit: Exit
    closes: bool
    meaning: str


FAULTS: Final = {
    # code                   exit             closes  meaning
    "BAD_JSON": Fault(Exit.USAGE, False, "not JSON"),
    "BAD_FRAME": Fault(Exit.USAGE, False, "not an object, no verb, or a bad id"),
    "TOO_LONG": Fault(Exit.USAGE, True, "a line over 1 MiB"),
    "UNKNOWN_VERB": Fault(Exit.USAGE, False, "no such verb"),
    "BAD_ARGS": Fault(Exit.USAGE, False, "an argument is missing, unknown or out of range"),
    "PROTOCOL": Fault(Exit.USAGE, False, "no common version, or no greeting before an act"),
    "READ_ONLY": Fault(Exit.REFUSED, False, "this client said that it only reads"),
    "REFUSED": Fault(Exit.REFUSED, False, "guard or policy said no"),
    "CHANGED": Fault(Exit.REFUSED, False, "the world moved on since the decision"),
    "EXPIRED": Fault(Exit.REFUSED, False, "the status that the act was decided on is too old"),
    "CONFLICT": Fault(Exit.REFUSED, False, "the request id was used for something else"),
    "NEEDS_APPROVAL": Fault(Exit.APPROVAL, False, "an approval is missing"),
    "NOT_FOUND": Fault(Exit.FAILED, False, "no such id"),
    "BUSY": Fault(Exit.NO_ENGINE, False, "too many connections or open requests"),
    "STOPPING": Fault(Exit.NO_ENGINE, False, "the engine is stopping"),
    "STARTING": Fault(Exit.NO_ENGINE, False, "the engine is starting"),
    "NOT_PROVEN": Fault(Exit.FAILED, False, "the engine stops, and says what is not proven"),
    "LEDGER": Fault(Exit.LEDGER, False, "the act could not be made durable"),
    "VENUE": Fault(Exit.VENUE, False, "the act could not reach the venue"),
    "INTERNAL": Fault(Exit.FAILED, False, "our fault"),
}


def nearest(word: str, *, known: Iterable[str]) -> str | None:
    """Return the known word closest to a slip, or None when none is close."""
    found = get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return found[0] if found else None


def _body(
    code: str, *, what: str, why: str, then: str, details: dict[str, object] | None = None
) -> ErrorBody:
    fault = FAULTS[code]
    return ErrorBody(
        code=code, exit=int(fault.exit), what=what, why=why, next=then, details=details or {}
    )


def bad_json(what: str) -> ErrorBody:
    """Word a line that is no JSON."""
    return _body(
        "BAD_JSON",
        what=f"Not understood: a line is not JSON ({what}). Nothing was changed.",
        why="The socket takes one JSON object a line, in UTF-8.",
        then='Send for example: {"id":1,"verb":"status"}',
    )


def bad_frame(what: str) -> ErrorBody:
    """Word a JSON value that is no request."""
    return _body(
        "BAD_FRAME",
        what=f"Not understood: {what}. Nothing was changed.",
        why="A request is an object of id (whole number, 0 or above), verb, and args.",
        then='Send for example: {"id":1,"verb":"status"}',
    )


def too_long() -> ErrorBody:
    """Word a line beyond the bound."""
    return _body(
        "TOO_LONG",
        what=f"Not read: a line is over {LINE_BYTES_MAX} bytes. Nothing was changed.",
        why="A longer line could only be a fault, and the engine keeps no room for it.",
        then="Connect again and send shorter lines.",
    )


def unknown_verb(verb: str, *, known: Iterable[str]) -> ErrorBody:
    """Word a verb that does not exist."""
    words = sorted(known)
    close = nearest(verb, known=words)
    return _body(
        "UNKNOWN_VERB",
        what=f'Unknown verb "{verb[:40]}". Nothing was changed.',
        why="The engine does only what it knows by name.",
        then=f"Did you mean: {close}" if close else f"Known: {', '.join(words)}",
        details={"nearest": close, "known": words},
    )


def bad_args(verb: str, *, what: str, close: str | None = None) -> ErrorBody:
    """Word arguments that do not fit the verb."""
    return _body(
        "BAD_ARGS",
        what=f'Not done: the arguments of "{verb}" do not fit: {what}. Nothing was changed.',
        why="A slip in an argument must never be dropped in silence.",
        then=f"Did you mean: {close}" if close else "See the verb's arguments in docs/socket.md",
        details={"verb": verb, "nearest": close},
    )


def no_protocol(what: str, *, protocols: tuple[int, ...]) -> ErrorBody:
    """Word a client that speaks no version of ours, or acts before greeting."""
    return _body(
        "PROTOCOL",
        what=f"Not done: {what}. Nothing was changed.",
        why=f"This engine speaks protocol {', '.join(map(str, protocols))}.",
        then="status and health still answer; else use this build's own bot command.",
        details={"protocols": list(protocols)},
    )


def read_only(verb: str) -> ErrorBody:
    """Word an act of a client that greeted as a reader."""
    return _body(
        "READ_ONLY",
        what=f'Refused: "{verb}" from a client that only reads. Nothing was changed.',
        why="It said so itself when it greeted.",
        then="Act from a client that is not read-only: bot mode show",
    )


def changed(lines: tuple[str, ...], *, expected: int, rev: int) -> ErrorBody:
    """Word a loosening act that was decided on an older status."""
    return _body(
        "CHANGED",
        what=f"Refused: the status moved on (from {expected} to {rev}). Nothing was changed.",
        why="What you decided upon is no longer how it is.",
        then="Look, then decide again: bot status",
        details={"rev": rev, "lines": list(lines)},
    )


def changed_plan(seen: str, *, plan: str) -> ErrorBody:
    """Word a flatten whose plan is no longer what would be sent."""
    return _body(
        "CHANGED",
        what=f"Not sent: the plan is {plan} by now, not {seen[:12]}. Nothing was changed.",
        why="Something else is held than what you saw: a fill came in, or an exit is under way.",
        then="Look, then decide again: bot flatten --plan",
        details={"plan": plan},
    )


def not_flattened(why: str) -> ErrorBody:
    """Word a flatten that the core does not begin."""
    return _body(
        "REFUSED",
        what=f"Not sent: {why}. Nothing was changed.",
        why="A flatten closes what is held, and nothing else.",
        then="Look: bot positions",
        details={"causes": [why]},
    )


def conflict(request_id: str) -> ErrorBody:
    """Word a request id that was used for another act."""
    return _body(
        "CONFLICT",
        what=f"Refused: request {request_id[:36]} was another act. Nothing was changed.",
        why="One request id stands for one act, so that a second Enter is the same act.",
        then="Send it with a new request_id.",
    )


def not_found(what: str) -> ErrorBody:
    """Word an id that does not exist."""
    return _body(
        "NOT_FOUND",
        what=f"Not found: {what}. Nothing was changed.",
        why="There is none with that name now.",
        then="Look first: bot status",
    )


def busy(what: str) -> ErrorBody:
    """Word a bound of connections or open requests that is reached."""
    return _body(
        "BUSY",
        what=f"Not done: {what}. Nothing was changed.",
        why="The engine serves a bounded number at once, so that orders never wait.",
        then="Close a watcher, or try again in a moment.",
    )


def stopping(what: str) -> ErrorBody:
    """Word an act that the engine's own end overtook."""
    return _body(
        "STOPPING",
        what=f"Not finished: {what}, the engine is stopping. It may have been done in part.",
        why="The engine's end came before the act's.",
        then="Look first: bot status",
    )


def internal(where: str) -> ErrorBody:
    """Word a bug of ours; the trace is in the engine's log."""
    return _body(
        "INTERNAL",
        what=f"Failed: a fault of the engine's own in {where}. It may have been done in part.",
        why="A check that crashes counts as its worst answer.",
        then="Look first: bot status",
    )
