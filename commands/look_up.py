"""Find what a word means in the ledger of a home, and read all that belongs to it.

The ledger is read beside a running engine or without one; nothing here takes its lock.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Final

import msgspec

from bot.control.errors import Exit, UserError
from bot.control.explain import Story, read_capsule, read_snapshot, story_of
from bot.control.faults import nearest
from bot.control.find import SHORTEST, intent_named, is_hash, is_label
from bot.control.steps import Line
from bot.domain.ids import IntentId, Label
from bot.domain.reason import Reason
from commands.session import Session
from ledger.errors import LedgerAbsent, LedgerError
from ledger.read import Reader, Written, open_reader

__all__ = ["intent_of", "ledger_of", "line_of", "not_found", "story_in"]

CANDIDATES_MAX: Final = 5
LINES_MAX: Final = 1_000  # of one story: cancels and restarts while it lived


@contextmanager
def ledger_of(session: Session) -> Iterator[Reader]:
    """Open the home's ledger to read. Raises UserError LEDGER, exit 6, for what cannot be read."""
    try:
        with open_reader(session.home) as reader:
            yield reader
    except LedgerAbsent:
        raise UserError(
            "LEDGER",
            exit=Exit.LEDGER,
            what=f"There is no ledger in {session.home} yet.",
            why="A story is told from the ledger alone.",
            next="Name another home with --home, or begin: bot run",
        ) from None
    except LedgerError as fault:
        raise UserError(
            "LEDGER",
            exit=Exit.LEDGER,
            what=f"The ledger cannot be read: {fault}.",
            why="What was written must be exactly what is read. Nothing was changed.",
            next="Keep the home as it is, and look at it: bot status",
        ) from None


def intent_of(reader: Reader, word: str) -> IntentId | None:
    """Return the one intent that a word names, or None.

    A whole hash or label is looked up; of what is shorter, orders that live or have just ended
    come first: the word is read off a screen. Else the whole journal is walked. Raises UserError
    NOT_FOUND when the word fits more than one.
    """
    if is_hash(word):
        written = next(reader.entries(intent_id=IntentId(word), kind="intent"), None)
        return None if written is None else IntentId(word)
    if is_label(word):
        written = next(reader.entries(label=Label(word), kind="intent"), None)
        return None if written is None else written.entry.intent_id
    state = reader.state()
    near = [
        order.intent_id
        for order in (*state.orders.values(), *state.closed.values())
        if order.order_id == word
        or (len(word) >= SHORTEST and order.label.endswith(word))
        or (len(word) >= SHORTEST and order.intent_id.startswith(word))
    ]
    found = near or [
        identity
        for written in reader.entries()
        if (identity := intent_named(written.entry.record, word)) is not None
    ]
    names = tuple(dict.fromkeys(found))
    if len(names) > 1:
        raise _ambiguous(word, names)
    return names[0] if names else None


def story_in(reader: Reader, identity: IntentId) -> Story:
    """Read an intent's records, its bodies, and what happened to it by others' records.

    Raises UserError LEDGER for bodies that another version wrote.
    """
    own = list(reader.entries(intent_id=identity))
    first = own[0]
    state = reader.state()
    is_live = identity in state.orders
    last = reader.head().seq if is_live else own[-1].seq
    others = [
        written
        for kind in ("intent", "run_started")
        for written in _between(reader, kind, after=first.seq, to=last)
        if kind == "run_started" or _is_cancel_of(written, identity)
    ]
    lines = sorted((line_of(written) for written in (*own, *others)), key=lambda line: line.seq)
    capsule, snapshot = (
        reader.body(getattr(first.entry.record, name)) for name in ("capsule", "snapshot")
    )
    try:
        return story_of(lines, capsule=read_capsule(capsule), snapshot=read_snapshot(snapshot))
    except msgspec.MsgspecError as fault:
        raise UserError(
            "LEDGER",
            exit=Exit.LEDGER,
            what=f"The capsule or snapshot of {identity[:12]} cannot be read: {fault}.",
            why="Its bytes are what was written, so another version of bot wrote them.",
            next="Read it with that version: bot --version",
        ) from None


def line_of(written: Written) -> Line:
    """Take a record out of the journal's own wrapping."""
    entry = written.entry
    return Line(written.seq, written.hash, entry.at_venue_ms, entry.run_id, entry.record)


def not_found(reader: Reader | None, word: str) -> UserError:
    """Word a name that nothing has, with the nearest one: a reason's code, or the newest labels."""
    codes = [reason.value for reason in Reason]
    close = nearest(word.upper().replace("-", "_"), known=codes)
    if close is None and reader is not None:
        labels = deque(
            (w.entry.ref[-4:] for w in reader.entries(kind="intent") if w.entry.ref),
            maxlen=CANDIDATES_MAX,
        )
        close = nearest(word[-4:], known=labels) or (labels[-1] if labels else None)
    return UserError(
        "NOT_FOUND",
        exit=Exit.FAILED,
        what=f'Nothing in this ledger is named "{word[:80]}".',
        why="A name is an intent's hash or its start, a label or its end, an order, a trade,"
        " a reason code, or a record's number.",
        next=f"Nearest: bot explain {close}" if close else "Look first: bot intent list",
        details={"nearest": close},
    )


def _ambiguous(word: str, names: tuple[IntentId, ...]) -> UserError:
    shown = ", ".join(name[:12] for name in names[-CANDIDATES_MAX:])
    return UserError(
        "NOT_FOUND",
        exit=Exit.FAILED,
        what=f'{len(names)} intents are named "{word[:80]}". The newest: {shown}.',
        why="A story is about one.",
        next=f"Give more of it: bot explain {names[-1][:12]}",
        details={"nearest": names[-1], "count": len(names)},
    )


def _between(reader: Reader, kind: str, *, after: int, to: int) -> list[Written]:
    walked = takewhile(lambda written: written.seq <= to, reader.entries(after=after, kind=kind))
    return [written for _, written in zip(range(LINES_MAX), walked, strict=False)]


def _is_cancel_of(written: Written, identity: IntentId) -> bool:
    intent = getattr(written.entry.record, "intent", None)
    return getattr(intent, "target", None) == identity
