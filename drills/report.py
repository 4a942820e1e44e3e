"""What a drill comes back with: one document, and a page for people."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Report"]

_ROWS_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one drill. `figures` are numbers or short texts, `results` are rows."""

    drill: str
    command: str
    passed: bool
    figures: dict[str, Any]
    results: tuple[dict[str, Any], ...]
    notes: tuple[str, ...] = ()

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
        for row in self.results[:_ROWS_MAX]:
            lines.append("  " + "  ".join(f"{name} {value}" for name, value in row.items()))
        return [*lines, *(f"  {note}" for note in self.notes[:_ROWS_MAX])]
