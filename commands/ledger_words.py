"""What the commands say when a ledger cannot be worked with: three parts, and exit 6 (UX §5)."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.control.errors import Exit, UserError
from ledger.errors import (
    InTheWay,
    LedgerAbsent,
    LedgerCorrupt,
    LedgerError,
    LedgerHeld,
    LedgerNewer,
    LedgerOlder,
    QueryRefused,
)

__all__ = ["ledger_words"]


@contextmanager
def ledger_words(*, verb: str) -> Iterator[None]:
    """Turn the ledger's errors into words for the owner: UserError, exit 6 or 2."""
    try:
        yield
    except LedgerError as fault:
        raise _worded(fault, verb=verb) from fault


def _worded(fault: LedgerError, *, verb: str) -> UserError:
    code, exit_, what, why, then = _parts(fault, verb=verb)
    return UserError(code, exit=exit_, what=what, why=why, next=then)


def _parts(fault: LedgerError, *, verb: str) -> tuple[str, Exit, str, str, str]:
    still = "Nothing was changed."
    match fault:
        case LedgerAbsent():
            return (
                "LEDGER_ABSENT",
                Exit.LEDGER,
                f"Cannot {verb}: {fault}.",
                still,
                "Name another home with --home, or begin: bot run",
            )
        case LedgerHeld():
            return (
                "LEDGER_HELD",
                Exit.LEDGER,
                f"Cannot {verb}: {fault}.",
                f"This is done with the engine down only. {still}",
                "Stop it: bot down        Look first: bot status",
            )
        case LedgerOlder():
            return (
                "LEDGER_OLDER",
                Exit.LEDGER,
                f"Cannot {verb}: its tables are of schema {fault.was}, this needs {fault.known}.",
                f"They are changed by command only, after a copy. {still}",
                "Rehearse: bot ledger migrate --dry-run        Then: bot ledger migrate",
            )
        case LedgerNewer():
            return (
                "LEDGER_NEWER",
                Exit.LEDGER,
                f"Cannot {verb}: {fault}.",
                f"A newer version wrote it; this one would misread it. {still}",
                "Use the version that wrote it",
            )
        case LedgerCorrupt():
            return (
                "LEDGER_CORRUPT",
                Exit.LEDGER,
                f"Cannot {verb}: {fault}.",
                "What was written must be exactly what is read; it is never guessed around.",
                "See all that is wrong: bot ledger verify        Keep the home as it is",
            )
        case InTheWay():
            return (
                "IN_THE_WAY",
                Exit.LEDGER if verb == "restore" else Exit.USAGE,
                f"Cannot {verb}: {fault}.",
                f"Nothing is ever written over. {still}",
                "Name an empty home with --home"
                if verb == "restore"
                else "Name another file with --out",
            )
        case QueryRefused():
            return (
                "QUERY",
                Exit.USAGE,
                f"Not answered: {fault}.",
                "Only one SELECT is answered, from a copy, within a minute.",
                "For example: bot ledger inspect 'SELECT seq, kind FROM journal LIMIT 9'",
            )
        case _:
            return (
                "LEDGER",
                Exit.LEDGER,
                f"Cannot {verb}: {fault}.",
                "The disk or the file's rights do not allow it.",
                "Look at both, then once more: bot ledger verify",
            )
