"""Where one engine keeps its things."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from bot.control.errors import Exit, UserError

__all__ = ["Home", "make_home"]


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one engine: the ledger at its top, the rest in folders of its own."""

    path: Path

    @property
    def exchange(self) -> Path:
        """State of the embedded exchange: accounts, keys, orders."""
        return self.path / "exchange"

    @property
    def log(self) -> Path:
        """Logs."""
        return self.path / "log"

    @property
    def http_port(self) -> Path:
        """The port that HTTP listens on while the engine runs."""
        return self.path / "run" / "http.port"


def make_home(path: Path) -> Home:
    """Make the folders, for the owner only.

    Raises UserError CONFIG when that is not possible, or when another user could have put things
    there: a folder that is not ours, or that others may write to. One that others may only read is
    closed to them (RELIABILITY §10).
    """
    home = Home(path.expanduser().absolute())
    try:
        for folder in (home.path, home.path / "run", home.log):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _close_to_others(folder, may_be_link=folder == home.path)
    except OSError as error:
        raise UserError(
            "HOME",
            exit=Exit.CONFIG,
            what=f"Cannot start: the home {home.path} cannot be made ({error.strerror}).",
            why="Ledger, logs and socket live there. Nothing was sent.",
            next="Choose another: bot --home DIR run",
        ) from None
    return home


def _close_to_others(folder: Path, *, may_be_link: bool) -> None:
    """The home itself may be a link of ours, to a disk of its own; the folders in it may not."""
    named = folder.lstat()
    is_link = stat.S_ISLNK(named.st_mode)
    if named.st_uid != os.geteuid() or (is_link and not may_be_link):
        raise _not_yours(folder, "is not a folder of yours")
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid():
            raise _not_yours(folder, "is not a folder of yours")
        if found.st_mode & 0o022:
            raise _not_yours(folder, "may be written to by others")
        if found.st_mode & 0o055:
            os.fchmod(handle, 0o700)
    finally:
        os.close(handle)


def _not_yours(folder: Path, what: str) -> UserError:
    return UserError(
        "HOME",
        exit=Exit.CONFIG,
        what=f"Cannot start: {folder} {what}. Nothing was sent.",
        why="Whoever can write there could have put a ledger, a key or a socket in it.",
        next=f"Look what is in it, then close it: chmod 700 {folder}",
    )
