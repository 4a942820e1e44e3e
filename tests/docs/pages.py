"""The written pages, and what stands in them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(bot [^`]+)`")


def blocks(page: Path, *, language: str) -> list[str]:
    """Return the code blocks of a language; "" for those that show what to type."""
    return [text for found, text in _BLOCK.findall(page.read_text()) if found == language]


def typed(page: Path) -> Iterator[str]:
    """Return every command of a page: in the blocks to type, and inline."""
    for block in blocks(page, language=""):
        yield from (line for line in block.splitlines() if line.startswith(("bot ", "make ")))
    prose = _BLOCK.sub("", page.read_text())
    yield from (text for text in _INLINE.findall(prose) if "…" not in text)


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings make."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}
