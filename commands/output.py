"""Data to stdout, talk to stderr, and one document for `--json` (UX §4.1, §4.3)."""

import errno
import sys
from collections.abc import Iterable, Sequence

import msgspec

from bot.control.errors import UserError, error_json, error_text
from bot.control.glyphs import Face, ascii_of
from commands.session import Session

__all__ = [
    "PipeClosedError",
    "color_line",
    "document",
    "say",
    "show",
    "show_error",
    "show_json",
    "table",
]

_SGR = {
    Face.ACTIVE: "32;1",
    Face.OPENS_SHUT: "36;1",
    Face.REDUCE_ONLY: "33;7;1",
    Face.KILL: "31;7;1",
    Face.LOST: "2",
    Face.STOPPED: "2",
}


class PipeClosedError(Exception):
    """The reader of our output went away: a quiet end, exit 141."""


def show(lines: Iterable[str], *, session: Session) -> None:
    """Write lines of data for people. Raises PipeClosedError."""
    text = "".join(f"{line}\n" for line in lines)
    _write(ascii_of(text) if session.is_ascii else text)


def show_json(document: object) -> None:
    """Write one document on one line. Raises PipeClosedError."""
    raw = document if isinstance(document, bytes) else msgspec.json.encode(document)
    _write(f"{raw.decode()}\n")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in {errno.EPIPE, errno.EIO}:  # EIO: the terminal was closed
            raise
        raise PipeClosedError from None


def say(text: str, *, session: Session) -> None:
    """Talk to the person, unless asked to be quiet."""
    if not session.is_quiet:
        print(ascii_of(text) if session.is_ascii else text, file=sys.stderr)


def show_error(error: UserError, *, as_json: bool) -> None:
    """Write an error once: three parts to stderr, or the one document to stdout."""
    if as_json:
        show_json(error_json(error.body))
    else:
        print(error_text(error.body), file=sys.stderr)


def document(schema: str, *, raw: bytes, **more: object) -> dict[str, object]:
    """Return an engine's answer as a document: its own fields kept to the digit, schema first."""
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return {"schema": schema, **more, **fields}


def color_line(line: str, *, face: Face, session: Session) -> str:
    """Colour a first line for the terminal's own sixteen colours; the words say it all anyway."""
    return f"\x1b[{_SGR[face]}m{line}\x1b[0m" if session.has_color else line


def table(head: Sequence[str], *, rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay out rows in columns; a head that starts with `>` aligns right."""
    names = [name.removeprefix(">") for name in head]
    widths = [
        max(len(name), *(len(row[n]) for row in rows)) if rows else len(name)
        for n, name in enumerate(names)
    ]
    return [
        "  ".join(
            cell.rjust(width) if column.startswith(">") else cell.ljust(width)
            for cell, width, column in zip(row, widths, head, strict=True)
        ).rstrip()
        for row in (names, *rows)
    ]
