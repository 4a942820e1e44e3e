"""Keep a drill's outcome: the document, and a page for people."""

import json
from pathlib import Path

from drills.report import Report

__all__ = ["record"]


def record(report: Report, *, folder: Path) -> tuple[Path, Path]:
    """Write `<drill>.json` and `<drill>.md` into `folder`; return both. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    document, page = folder / f"{report.drill}.json", folder / f"{report.drill}.md"
    document.write_text(json.dumps(report.document(), indent=1) + "\n", encoding="utf-8")
    heading, *rest = report.lines()
    page.write_text("\n".join([f"# {heading}", "", "```", *rest, "```", ""]), encoding="utf-8")
    return document, page
