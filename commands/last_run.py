"""How the last run of a home ended, when no engine answers (UX §3.1)."""

import time
from pathlib import Path

from bot.control.ending import Ending, NeverStarted, NotConnected, Stopped, StoppedBadly
from bot.domain.instant import iso
from bot.domain.mode import Environment
from commands.session import Session

__all__ = ["LastRun", "ending_of", "last_run", "now_text"]

LastRun = Stopped | StoppedBadly


def last_run(home: Path) -> LastRun | None:
    """Return how the last run ended, from the ledger's run record.

    None when there is no record of an end: no ledger, or one that this build cannot read yet.
    """
    del home  # the ledger's run record is read here as soon as the ledger offers it read-only
    return None


def ending_of(session: Session) -> Ending:
    """Return what can be said of an engine that does not answer."""
    environment = session.environment or Environment.DEV
    if not (session.home / "ledger.db").exists():
        return NeverStarted(home=_short(session.home), environment=environment)
    return last_run(session.home) or NotConnected(environment=environment)


def now_text() -> str:
    """Return the wall clock's now as documents write it."""
    return iso(time.time_ns() // 1_000_000)


def _short(home: Path) -> str:
    try:
        return f"~/{home.relative_to(Path.home())}"
    except ValueError:
        return str(home)
