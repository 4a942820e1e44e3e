"""Text in fixed columns: the arithmetic of the screens."""

from collections.abc import Sequence
from typing import Final

__all__ = ["bar", "beside", "fit", "rule", "table", "window"]

_BAR: Final = 5


def fit(text: str, *, width: int) -> str:
    """Cut or pad a text to exactly the width; what is cut is marked."""
    if len(text) > width:
        return text[: max(width - 1, 0)] + "…" if width > 0 else ""
    return text.ljust(width)


def rule(left: str, *, right: str, width: int) -> str:
    """Draw a rule with a name at the left and facts at the right: `── watch ─── live 4 Hz ─`."""
    room = width - len(left) - 6
    shown = right if len(right) <= room - 2 else right[: max(room - 2, 0)]
    middle = width - len(left) - len(shown) - 7 if shown else width - len(left) - 4
    tail = f" {shown} ─" if shown else ""
    return fit(f"── {left} {'─' * max(middle, 0)}{tail}", width=width)


def bar(part: float) -> str:
    """Draw how much of a limit is used, in five cells; used up shows `!` in place of the last."""
    filled = min(_BAR, max(0, round(part * _BAR)))
    cells = "▇" * filled + "▁" * (_BAR - filled)
    return cells[:-1] + "!" if part >= 1 else cells


def beside(left: Sequence[str], *, right: Sequence[str], split: int, width: int) -> list[str]:
    """Put two columns side by side with a line between; the left is `split` wide."""
    rows = max(len(left), len(right))
    padded = [*left, *[""] * (rows - len(left))], [*right, *[""] * (rows - len(right))]
    return [
        f"{fit(a, width=split)}│ {fit(b, width=width - split - 2)}"
        for a, b in zip(*padded, strict=True)
    ]


def table(head: Sequence[str], *, rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Lay out a head and rows; a head that starts with `>` aligns right. Each line fits."""
    names = [name.removeprefix(">") for name in head]
    widths = [max(len(cell) for cell in column) for column in zip(names, *rows, strict=True)]
    lines = [
        " ".join(
            cell.rjust(size) if column.startswith(">") else cell.ljust(size)
            for cell, size, column in zip(row, widths, head, strict=True)
        )
        for row in (names, *rows)
    ]
    return [fit(f" {line}", width=width).rstrip() for line in lines]


def window(rows: Sequence[str], *, top: int, height: int) -> list[str]:
    """Return the rows that are in sight from `top`, never scrolled past the end."""
    first = max(0, min(top, len(rows) - height))
    return list(rows[first : first + height])
