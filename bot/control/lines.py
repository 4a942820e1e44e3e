"""The three lines: mode, why, next [C-602] (UX §3.1). Pure, and the only place that words them.

Each line has at most 80 columns, and mode and reason code stand within the first 20 words. Where
the words would not fit, the duration is coarsened first, then the code moves before the text.
"""

from typing import Final, NamedTuple, assert_never

import msgspec
from msgspec import UNSET

from bot.control.glyphs import Face, ascii_of, symbol_of
from bot.control.spans import duration_text, since_text
from bot.control.view import CauseRow, ModeWord, Status

__all__ = ["WIDTH", "WORDS_MAX", "Words", "cut", "face_of", "worded", "words_of"]

WIDTH: Final = 80
WORDS_MAX: Final = 20


class Words(NamedTuple):
    """The worded status. `lines` are what is shown; the others are their parts."""

    headline: str
    reason: str
    next: str
    lines: tuple[str, str, str]


def worded(status: Status) -> Status:
    """Return the status with headline, reason, next and lines filled in."""
    words = words_of(status, is_ascii=False)
    return msgspec.structs.replace(
        status, headline=words.headline, reason=words.reason, next=words.next, lines=words.lines
    )


def words_of(status: Status, *, is_ascii: bool) -> Words:
    """Word a connected engine's status."""
    face = face_of(status)
    symbol = symbol_of(face, is_ascii=is_ascii)
    best: tuple[str, str] | None = None
    for code_first in (False, True):
        for coarse in (False, True):
            head = _first(status, face=face, coarse=coarse)
            reason = _reason(status, face=face, code_first=code_first)
            best = (head, reason)
            if _within(head, reason=reason, cause=_cause(status)):
                break
        else:
            continue
        break
    if best is None:
        raise AssertionError("the loops above run at least once")
    then = cut(_next(status, face=face))
    lines = (cut(f"{symbol} {best[0]}"), best[1], then)
    if is_ascii:
        lines = (ascii_of(lines[0]), ascii_of(lines[1]), ascii_of(lines[2]))
    return Words(headline=_WORD[face], reason=best[1], next=then, lines=lines)


def face_of(status: Status) -> Face:
    """Tell which of the six faces the status has."""
    match status.mode:
        case ModeWord.ACTIVE:
            return Face.ACTIVE if status.latch.open else Face.OPENS_SHUT
        case ModeWord.REDUCE_ONLY:
            return Face.REDUCE_ONLY
        case ModeWord.KILL:
            return Face.KILL
        case ModeWord.UNKNOWN:
            return Face.LOST
        case _:
            assert_never(status.mode)


_WORD: Final = {
    Face.ACTIVE: "ACTIVE",
    Face.OPENS_SHUT: "ACTIVE, OPENS SHUT",
    Face.REDUCE_ONLY: "REDUCE ONLY",
    Face.KILL: "KILL",
    Face.LOST: "NOT CONNECTED",
    Face.STOPPED: "STOPPED",
}


def cut(text: str, *, width: int = WIDTH) -> str:
    """Cut a text to the width; what is left out is marked."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _first(status: Status, *, face: Face, coarse: bool) -> str:
    where = status.environment.value
    if status.stage is not None:
        where = f"{where} {status.stage.value}"
    since = since_text(status.since, age_ms=status.age_ms)
    return f"{_WORD[face]}  {where}  since {since} ({duration_text(status.age_ms, coarse=coarse)})"


def _cause(status: Status) -> CauseRow | None:
    return status.causes[0] if status.causes else None


def _within(head: str, *, reason: str, cause: CauseRow | None) -> bool:
    if cause is None:
        return True
    first = f"{head} {reason}".split()[:WORDS_MAX]
    return any(f"({cause.code})" in word for word in first)


def _reason(status: Status, *, face: Face, code_first: bool) -> str:
    cause = _cause(status)
    if face is Face.ACTIVE:
        return cut(_allowed(status))
    opening, tail = _around(status, face=face)
    if cause is None:
        missing = [proof.name.replace("_", " ") for proof in status.latch.proofs if not proof.held]
        text = f"not yet proven: {', '.join(missing)}" if missing else "no cause was given"
        return cut(f"{opening}: {text}. {tail}".rstrip())
    more = f" +{len(status.causes) - 1} more" if len(status.causes) > 1 else ""
    text = cause.text
    for end in (tail, ""):
        shown = _joined(opening, text=text, code=cause.code, code_first=code_first)
        whole = f"{shown}{more}" + (f"{'.' if more else ''} {end}" if end else "")
        if len(whole) <= WIDTH:
            return whole
    room = WIDTH - len(_joined(opening, text="", code=cause.code, code_first=code_first) + more)
    short = cut(text, width=max(room, 1))
    return cut(_joined(opening, text=short, code=cause.code, code_first=code_first) + more)


def _joined(opening: str, *, text: str, code: str, code_first: bool) -> str:
    return f"{opening} ({code}): {text}." if code_first else f"{opening}: {text} ({code})."


def _allowed(status: Status) -> str:
    allowed = "Opens and exits allowed."
    if status.loss is UNSET:
        return allowed
    loss = status.loss
    return (
        f"{allowed} Loss today {loss.used} of {loss.limit} {loss.currency},"
        f" from {loss.from_[11:16]} UTC."
    )


def _around(status: Status, *, face: Face) -> tuple[str, str]:
    """Return what stands before and after the reason."""
    match face:
        case Face.OPENS_SHUT:
            return ("Starting" if _is_start(status) else "Opens shut"), "Closing still works."
        case Face.REDUCE_ONLY:
            return "No new risk", "Closing still works."
        case Face.KILL:
            return "Stopped", _containment(status)
        case Face.ACTIVE | Face.LOST | Face.STOPPED:
            return "The engine does not answer", ""
        case _:
            assert_never(face)


def _is_start(status: Status) -> bool:
    """True until the first comparison with the venue has passed."""
    unheld = [proof for proof in status.latch.proofs if not proof.held]
    recon = status.reconcile
    is_first = recon is UNSET or (recon.number <= 1 and recon.passed is not True)
    return is_first and bool(unheld) and all(proof.at is None for proof in unheld)


def _containment(status: Status) -> str:
    done = status.containment
    if done is None or done.of == 0:
        return ""
    if done.cancelled < done.of:
        return f"Cancelling: {done.cancelled} of {done.of} done."
    return f"All {done.of} opens cancelled."


def _next(status: Status, *, face: Face) -> str:
    cause = _cause(status)
    if face is Face.ACTIVE:
        return "Nothing to do."
    if cause is None or not cause.next:
        proofs = _proofs(status)
        return f"Wait: {proofs}" if face is Face.OPENS_SHUT and proofs else "Do: bot status"
    advice = cause.next
    if advice.startswith("Wait.") and _proofs(status):
        return f"Wait: {_proofs(status)} {advice.removeprefix('Wait.').strip()}"
    if advice.startswith(("Wait", "Nothing", "Do:")):
        return advice
    return f"Do: {advice[0].lower()}{advice[1:]}"


def _proofs(status: Status) -> str:
    proofs = status.latch.proofs
    held = sum(1 for proof in proofs if proof.held)
    return f"{held} of {len(proofs)} proofs done." if proofs else ""
