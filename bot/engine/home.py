"""Where one engine keeps its things."""

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
    """Make the folders, for the owner only. Raises UserError CONFIG when that is not possible."""
    home = Home(path.expanduser().absolute())
    try:
        for folder in (home.path, home.path / "run", home.log):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            "HOME",
            exit=Exit.CONFIG,
            what=f"Cannot start: the home {home.path} cannot be made ({error.strerror}).",
            why="Ledger, logs and socket live there. Nothing was sent.",
            next="Choose another: bot --home DIR run",
        ) from None
    return home
