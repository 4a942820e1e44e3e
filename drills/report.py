"""What a drill comes back with: one document, and a page for people."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Report"]

_ROWS_MAX = 60
_TOLD_MAX = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one drill. `figures` are numbers or short texts, `results` are rows.

    People read the rows, or `told` in their place where a row is more than a line.
    """

    drill: str
    command: str
    passed: bool
    figures: dict[str, Any]
    results: tuple[dict[str, Any], ...]
    notes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the one document that `--json` writes."""
        return {
            "schema": f"bot.drill-{self.drill}/1",
            "passed": self.passed,
            "figures": self.figures,
            "results": list(self.results),
            "notes": list(self.notes),
        }

    def lines(self) -> list[str]:
        """Return the summary, one page at most."""
        width = max(map(len, self.figures), default=0)
        lines = [
            f"{self.drill}: {'passed' if self.passed else 'FAILED'}   ({self.command})",
            "",
            *(f"  {name:<{width}}  {value}" for name, value in self.figures.items()),
            "",
        ]
        rows = self.told or tuple(
            "  ".join(f"{name} {value}" for name, value in row.items())
            for row in self.results[:_ROWS_MAX]
        )
        lines.extend(f"  {row}" for row in rows[:_TOLD_MAX])
        return [*lines, *(f"  {note}" for note in self.notes[:_ROWS_MAX])]
