"""The three lines when no engine answers: not connected, stopped, stopped badly, never started.

The facts come from what a watcher saw last, or from the ledger's record of the last run (UX §3.1).
"""

from typing import Final, assert_never

import msgspec

from bot.control.glyphs import Face, ascii_of, symbol_of
from bot.control.lines import WIDTH, Words, cut
from bot.control.spans import clock_of, duration_text
from bot.control.view import Latch, ModeWord, Stage, Status
from bot.domain.mode import Environment

__all__ = [
    "Ending",
    "NeverStarted",
    "NotConnected",
    "Stopped",
    "StoppedBadly",
    "ending_face",
    "ending_status",
    "ending_words",
]


class NotConnected(msgspec.Struct, frozen=True, kw_only=True, tag="not_connected"):
    """An engine was seen, or should be there, and does not answer."""

    environment: Environment
    stage: Stage | None = None
    mode: ModeWord = ModeWord.UNKNOWN
    last_seen: str | None = None
    age_ms: int = 0  # since last_seen
    watchdog: str = ""  # a sentence on the second process, when it is known


class Stopped(msgspec.Struct, frozen=True, kw_only=True, tag="stopped"):
    """The last run ended in order and said so."""

    environment: Environment
    stage: Stage | None = None
    ended: str
    by: str
    open_orders: int
    positions: int
    delta: str | None = None  # with its unit, `0.226 BTC`


class StoppedBadly(msgspec.Struct, frozen=True, kw_only=True, tag="stopped_badly"):
    """The last run ended without saying so."""

    environment: Environment
    stage: Stage | None = None
    ended_about: str
    orders_live: int


class NeverStarted(msgspec.Struct, frozen=True, kw_only=True, tag="never_started"):
    """There is no ledger in this home."""

    home: str
    environment: Environment = Environment.DEV  # what `bot run` would start without a flag


Ending = NeverStarted | NotConnected | Stopped | StoppedBadly

_HOME_MAX: Final = 50


def ending_words(ending: Ending, *, is_ascii: bool) -> Words:
    """Word the lines of an engine that is not there."""
    headline, first, reason, then = _parts(ending)
    symbol = symbol_of(ending_face(ending), is_ascii=is_ascii)
    fitting = [text for text in first if len(f"{symbol} {headline}  {text}") <= WIDTH]
    shown = fitting[0] if fitting else first[-1]
    lines = (cut(f"{symbol} {headline}  {shown}"), cut(reason), cut(then))
    if is_ascii:
        lines = (ascii_of(lines[0]), ascii_of(lines[1]), ascii_of(lines[2]))
    return Words(headline=headline, reason=lines[1], next=lines[2], lines=lines)


def ending_face(ending: Ending) -> Face:
    """Tell which face stands before the word."""
    return Face.LOST if isinstance(ending, NotConnected | StoppedBadly) else Face.STOPPED


def ending_status(ending: Ending, *, at: str) -> Status:
    """Return the complete document of an engine that is not there: connected false, UNKNOWN."""
    words = ending_words(ending, is_ascii=False)
    seen, age_ms = _seen(ending)
    return Status(
        at=at,
        rev=0,
        connected=False,
        last_seen=seen,
        mode=ModeWord.UNKNOWN,
        since=seen or at,
        age_ms=age_ms,
        environment=ending.environment,
        stage=None if isinstance(ending, NeverStarted) else ending.stage,
        headline=words.headline,
        reason=words.reason,
        next=words.next,
        lines=words.lines,
        latch=Latch(open=False, proofs=()),
    )


def _seen(ending: Ending) -> tuple[str | None, int]:
    match ending:
        case NotConnected():
            return ending.last_seen, ending.age_ms
        case Stopped():
            return ending.ended, 0
        case StoppedBadly():
            return ending.ended_about, 0
        case NeverStarted():
            return None, 0
        case _:
            assert_never(ending)


def _parts(ending: Ending) -> tuple[str, tuple[str, ...], str, str]:
    """Return headline, first line's rest (longest first), reason, next."""
    match ending:
        case NotConnected():
            return "NOT CONNECTED", _last_seen(ending), _silence(ending), _look(ending)
        case Stopped():
            env = ending.environment.value.lower()
            kept = f"{ending.open_orders} open orders, {ending.positions} positions kept"
            delta = f", delta {ending.delta}" if ending.delta else ""
            return (
                "STOPPED",
                (
                    f"last run {_where(ending)} ended {clock_of(ending.ended)} UTC by {ending.by}",
                    f"last run {_where(ending)} ended {clock_of(ending.ended)} UTC",
                ),
                f"Stopped in order: {kept}{delta}.",
                f"Do: bot run --env {env}",
            )
        case StoppedBadly():
            env = ending.environment.value.lower()
            return (
                "STOPPED BADLY",
                (
                    f"last run {_where(ending)} ended about {clock_of(ending.ended_about)} UTC",
                    f"last run {_where(ending)}",
                ),
                "The engine ended without saying so."
                f" {ending.orders_live} orders may be live at the venue.",
                f"Do: bot run --env {env}   (it reconciles before anything else)",
            )
        case NeverStarted():
            home = ending.home
            if len(home) > _HOME_MAX:
                home = "…" + home[-_HOME_MAX:]
            return (
                "NEVER STARTED",
                (f"home {home}",),
                "There is no ledger here yet.",
                "Do: make run   or   bot run --env dev",
            )
        case _:
            assert_never(ending)


def _where(ending: NotConnected | Stopped | StoppedBadly) -> str:
    name = ending.environment.value
    return name if ending.stage is None else f"{name} {ending.stage.value}"


def _last_seen(ending: NotConnected) -> tuple[str, ...]:
    if ending.last_seen is None:
        return (f"{_where(ending)}",)
    word = "" if ending.mode is ModeWord.UNKNOWN else f" {ending.mode.value.replace('_', ' ')}"
    at = f"{clock_of(ending.last_seen)} UTC"
    ago = f"({duration_text(ending.age_ms)} ago)"
    return (
        f"last seen {_where(ending)}{word} {at} {ago}",
        f"last seen {_where(ending)}{word} {at}",
        f"last seen{word} {at}",
    )


def _silence(ending: NotConnected) -> str:
    rest = ending.watchdog or "Its orders may be live at the venue."
    return f"The engine does not answer. {rest}"


def _look(ending: NotConnected) -> str:
    env = ending.environment.value.lower()
    return f"Do: bot status in another terminal. If nothing runs: bot run --env {env}"
