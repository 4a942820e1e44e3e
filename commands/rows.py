"""Rows for the looking commands: from the engine, or from the ledger when it is down."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.control.errors import UserError
from commands.connect import connect
from commands.output import say
from commands.session import Session

__all__ = ["Answered", "ask"]


@dataclass(frozen=True, slots=True)
class Answered:
    """The raw rows of one noun, and the run that they come from."""

    raw: bytes
    run_id: str


def ask(session: Session, noun: str, args: Mapping[str, object] | None = None) -> Answered:
    """Ask the engine for its rows; when it is down, fold them from the ledger.

    Raises UserError: exit 3 when there is neither, exit 6 when the ledger cannot be read.
    """
    try:
        with connect(session) as client:
            return Answered(raw=client.ask(noun, dict(args or {})), run_id=client.hello.run_id)
    except UserError as error:
        # Loaded here: what a living engine answers must not pay for the ledger.
        from commands.last_run import read_ledger
        from commands.offline import ledger_rows

        with read_ledger(session, error) as reader:
            raw, run_id = ledger_rows(reader, noun, args or {})
        say("No engine answers; this is what the ledger says.", session=session)
        return Answered(raw=raw, run_id=run_id)
