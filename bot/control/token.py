"""The HTTP token: a file of the home that only its owner can read [C-604]."""

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from bot.control.errors import Exit, UserError
from bot.control.place import prepare

__all__ = ["http_token", "token_path"]

_BYTES: Final = 32
_FILE_BYTES_MAX: Final = 1_024


def token_path(home: Path) -> Path:
    """Return where a home's token lies."""
    return home / "run" / "http.token"


def http_token(home: Path) -> str:
    """Return the home's token; make it, 0600, when there is none.

    Raises UserError CONFIG when the file is open to others, not ours, or empty: whoever could read
    it could stop new risk, and whoever could write it could know it.
    """
    path = token_path(home)
    prepare(path.parent)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    token = secrets.token_urlsafe(_BYTES)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token + "\n")
    return token


def _read(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise _bad(path, f"cannot be read as a file of ours ({error.strerror})") from None
    found = os.fstat(handle)
    is_open = stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.geteuid()
    if not stat.S_ISREG(found.st_mode) or is_open:
        os.close(handle)
        raise _bad(path, "is open to others" if is_open else "is no file")
    with os.fdopen(handle, encoding="ascii", errors="replace") as file:
        token = file.read(_FILE_BYTES_MAX).strip()
    if not token:
        raise _bad(path, "is empty")
    return token


def _bad(path: Path, what: str) -> UserError:
    return UserError(
        "TOKEN_FILE",
        exit=Exit.CONFIG,
        what=f"Cannot start: {path} {what}. Nothing was sent.",
        why="The token in it lets a program stop new risk.",
        next=f"Remove it, a new one is made: rm {path}",
    )
