"""The confirmation ladder on the screen: R then y, K then the word KILL and Enter (UX §3.6).

Pure: a dialog and a key give what happens. Input is ignored for 300 ms after a dialog opens, so
that a key meant for something else never answers it; Enter alone never confirms; nothing is
pre-selected.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal, assert_never

from bot.control.view import Containment, Status

__all__ = ["GUARD_S", "AskKill", "AskReduce", "Dialog", "Notice", "Outcome", "box", "press"]

GUARD_S: Final = 0.3
_WORD: Final = "KILL"

Outcome = Literal["stays", "closed", "reduce-only", "kill"]


@dataclass(frozen=True, slots=True)
class AskReduce:
    """Asks for y."""

    opened_s: float


@dataclass(frozen=True, slots=True)
class AskKill:
    """Asks for the word."""

    opened_s: float
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Says something; any key that closes closes it."""

    title: str
    lines: tuple[str, ...]
    opened_s: float = 0.0


Dialog = AskKill | AskReduce | Notice


def press(dialog: Dialog, *, key: str, now_s: float) -> tuple[Dialog, Outcome]:
    """Return the dialog after a key, and what came of it. `key` is a character or a key's name."""
    if key == "escape":  # leaving is never guarded
        return dialog, "closed"
    if now_s - dialog.opened_s < GUARD_S:
        return dialog, "stays"
    match dialog:
        case AskReduce():
            return dialog, "reduce-only" if key == "y" else "stays"
        case AskKill(typed=typed):
            if key == "enter":
                return dialog, "kill" if typed == _WORD else "stays"
            if key == "backspace":
                return replace(dialog, typed=typed[:-1]), "stays"
            if len(key) == 1 and key.isprintable() and len(typed) < len(_WORD) + 4:
                return replace(dialog, typed=typed + key), "stays"
            return dialog, "stays"
        case Notice():
            return dialog, "closed" if key in {"enter", "q", " "} else "stays"
        case _:
            assert_never(dialog)


def box(dialog: Dialog, *, status: Status | None, positions: int, width: int) -> list[str]:
    """Draw the dialog as a frame of lines."""
    match dialog:
        case AskReduce():
            title = "REDUCE ONLY"
            text = [
                f"{_opens(status)} No new risk from now on.",
                "Closing and hedging still work. Positions stay.",
                "To undo it you must rearm, with a reason.",
                "",
                "Press y to do it                           esc goes back",
            ]
        case AskKill(typed=typed):
            title = "KILL"
            policy = _policy(status)
            text = [
                f"{_opens(status)} Nothing new is opened.",
                f"Positions stay: {positions} instruments{policy}.",
                "To undo it you must rearm, with a reason.",
                "",
                f"Type KILL and press Enter     {' '.join(typed)} ▁     esc goes back",
            ]
        case Notice(title=title, lines=lines):
            text = [*lines, "", "esc goes back"]
        case _:
            assert_never(dialog)
    inner = min(width - 10, 69)
    top = f"┌ {title} {'─' * (inner - len(title))}┐"
    middle = [f"│ {line[:inner]:<{inner}} │" for line in text]
    return [top, *middle, f"└{'─' * (inner + 2)}┘"]


def _opens(status: Status | None) -> str:
    count = status.orders if status is not None else None
    live = getattr(count, "live", None)
    if live is None:
        return "Resting opens are cancelled at the venue."
    return f"Cancels resting opens at the venue ({live} orders live)."


def _policy(status: Status | None) -> str:
    done: Containment | None = status.containment if status is not None else None
    return "" if done is None else f". Policy: {done.policy}"
