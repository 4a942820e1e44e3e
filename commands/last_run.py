"""What the ledger tells of a home whose engine does not answer (UX §3.1, §4.4).

The ledger is loaded inside the functions: the status of a living engine must not pay for it.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.control.ending import Ending, NeverStarted, NotConnected, Stopped, StoppedBadly
from bot.control.errors import Exit, UserError
from bot.domain.instant import iso
from bot.domain.mode import Environment
from commands.session import Session

if TYPE_CHECKING:
    from ledger.read import Reader

__all__ = ["LastRun", "ending_of", "last_run", "now_text", "read_ledger"]

LastRun = Stopped | StoppedBadly


def last_run(home: Path) -> LastRun | None:
    """Return how the last run ended, from the ledger's run record.

    None when there is no record of an end: no ledger, one without a run, one that cannot be read,
    or an engine that still holds it.
    """
    from ledger.errors import LedgerError
    from ledger.lock import is_held
    from ledger.read import open_reader

    if is_held(home):
        return None
    try:
        with open_reader(home) as reader:
            state = reader.state()
            newest = reader.last(1)
            environment = reader.owner.environment
    except LedgerError:
        return None
    if state.run is None or not newest:
        return None
    if state.ended is None:
        return StoppedBadly(
            environment=environment,
            ended_about=iso(newest[-1].entry.at_venue_ms),
            orders_live=len(state.orders),
        )
    return Stopped(
        environment=environment,
        ended=iso(state.ended.ended_ms),
        by=state.ended.by,
        open_orders=len(state.orders),
        positions=sum(1 for held in state.positions.values() if held.quantity != 0),
    )


def ending_of(session: Session) -> Ending:
    """Return what can be said of an engine that does not answer."""
    environment = session.environment or Environment.DEV
    if not (session.home / "ledger.db").exists():
        return NeverStarted(home=_short(session.home), environment=environment)
    return last_run(session.home) or NotConnected(
        environment=environment, watchdog=_watchdog(session.home)
    )


def _watchdog(home: Path) -> str:
    """Say what is known of the second process, as the engine cannot."""
    from bot.watchdog.alone import is_watched
    from bot.watchdog.diary import untold

    if untold(home) is not None:
        return "The watchdog has cancelled its opens."
    return "The watchdog is up." if is_watched(home) else ""


def read_ledger(session: Session, error: UserError) -> "Reader":
    """Open the ledger of an engine that does not answer; re-raise `error` where that is no answer.

    Raises `error` when there is no ledger or an engine holds it, and UserError LEDGER when it
    cannot be read.
    """
    from ledger.errors import LedgerError
    from ledger.lock import is_held
    from ledger.read import open_reader

    if error.exit is not Exit.NO_ENGINE or is_held(session.home):
        raise error
    if not (session.home / "ledger.db").exists():
        raise error
    try:
        return open_reader(session.home)
    except LedgerError as fault:
        raise UserError(
            "LEDGER",
            exit=Exit.LEDGER,
            what=f"The engine is down and its ledger cannot be read: {fault}.",
            why="Nothing was changed.",
            next="Keep the home as it is, and look at it: bot status",
        ) from None


def now_text() -> str:
    """Return the wall clock's now as documents write it."""
    return iso(time.time_ns() // 1_000_000)


def _short(home: Path) -> str:
    try:
        return f"~/{home.relative_to(Path.home())}"
    except ValueError:
        return str(home)
