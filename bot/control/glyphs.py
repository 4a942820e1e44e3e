"""Symbols, and what stands for them where a terminal has only ASCII (UX §3.3)."""

from enum import Enum
from typing import Final

__all__ = ["Face", "ascii_of", "symbol_of"]


class Face(Enum):
    """What the first line shows: the mode, and whether opens are shut."""

    ACTIVE = "active"
    OPENS_SHUT = "opens_shut"
    REDUCE_ONLY = "reduce_only"
    KILL = "kill"
    LOST = "lost"  # not connected, or ended badly
    STOPPED = "stopped"  # ended in order, or never started


_SYMBOLS: Final = {
    #                   symbol  ASCII
    Face.ACTIVE: ("●", "[ACTIVE]"),
    Face.OPENS_SHUT: ("◐", "[ACTIVE-]"),
    Face.REDUCE_ONLY: ("▲", "[REDUCE]"),
    Face.KILL: ("■", "[KILL]"),
    Face.LOST: ("✕", "[NO ENGINE]"),
    Face.STOPPED: ("○", "[NO ENGINE]"),
}

_ASCII: Final = str.maketrans(
    {
        "…": "~",
        "·": "-",
        "─": "-",
        "│": "|",
        "┌": "+",
        "┐": "+",
        "└": "+",
        "┘": "+",
        "▸": ">",
        "░": ":",
        "▇": "#",
        "▁": ".",
        "Δ": "d",
        "Γ": "g",
        "Θ": "t",
        "↵": "enter",
        "→": ">",
        "–": "-",
        "−": "-",
        "✓": "y",
        "✕": "x",
        "±": "+",
        "×": "x",
        "●": "*",
        "◐": "*",
        "▲": "!",
        "■": "!",
        "○": "o",
        "↑": "^",
        "↓": "v",
    }
)


def symbol_of(face: Face, *, is_ascii: bool) -> str:
    """Return the sign before the mode word."""
    return _SYMBOLS[face][1 if is_ascii else 0]


def ascii_of(text: str) -> str:
    """Return the text in ASCII alone; a sign without a stand-in becomes `?`."""
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
