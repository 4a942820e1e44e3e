"""Where the socket lies, and that nobody else can have put it there (UX §2.1)."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from bot.control.errors import Exit, UserError

__all__ = ["PATH_BYTES_MAX", "Place", "prepare", "socket_place"]

PATH_BYTES_MAX: Final = 100  # the kernel's own bound is 107, on some systems 103


class Place(NamedTuple):
    """The socket's path; `is_short` when the home's own path was too long for a socket."""

    path: Path
    is_short: bool


def socket_place(home: Path) -> Place:
    """Return the place of a home's socket: in the home, or short in the runtime directory."""
    path = home.absolute() / "run" / "engine.sock"
    if len(os.fsencode(path)) <= PATH_BYTES_MAX:
        return Place(path, is_short=False)
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return Place(Path(runtime) / f"bot-{os.geteuid()}-{name}" / "engine.sock", is_short=True)


def prepare(folder: Path) -> None:
    """Make the socket's folder 0700 and ours; refuse one that another user owns.

    Raises UserError CONFIG when the folder is not a folder of ours: in a shared temporary
    directory somebody else could have made it first.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise UserError(
            "SOCKET_FOLDER",
            exit=Exit.CONFIG,
            what=f"Cannot start: {folder} is not a folder of yours. Nothing was sent.",
            why="Whoever owns it could answer in the engine's name.",
            next="Remove it, or choose another home with a shorter path: bot --home DIR run",
        )
    folder.chmod(0o700)
