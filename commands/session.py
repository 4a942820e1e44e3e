"""What holds for one command: home, output form, patience, and who acts (UX §4.1)."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.domain.mode import Environment

__all__ = ["TIMEOUT_S", "Session", "default_home", "is_ascii_terminal"]

TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The global flags, resolved. `environment` is None when no flag named one."""

    home: Path
    environment: Environment | None = None
    as_json: bool = False
    has_color: bool = False
    is_ascii: bool = False
    is_quiet: bool = False
    is_verbose: bool = False
    timeout_s: float = TIMEOUT_S
    by: str | None = None
    reason: str | None = None
    says_yes: bool = False
    confirm: str | None = None

    @property
    def may_ask(self) -> bool:
        """True when a person can be asked: stdin and stderr are terminals, and no `--json`."""
        return not self.as_json and sys.stdin.isatty() and sys.stderr.isatty()


def default_home() -> Path:
    """Return `$BOT_HOME`, or this platform's state directory for `bot`."""
    named = os.environ.get("BOT_HOME")
    if named:
        return Path(named).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "bot"
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "bot"


def is_ascii_terminal() -> bool:
    """True when symbols must be ASCII: `BOT_ASCII=1`, or an output that is not UTF-8."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return bool(os.environ.get("BOT_ASCII")) or not encoding.startswith("utf")


def has_color(*, is_refused: bool) -> bool:
    """True on a terminal that may have colour: not NO_COLOR, not dumb, not refused by a flag."""
    if is_refused or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return sys.stdout.isatty()
