"""What happens with a bug of ours: its trace goes to a file, its id to the person (exit 70)."""

import hashlib
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.control.errors import ErrorBody, Exit, UserError
from commands.globals import split
from commands.last_run import now_text
from commands.session import default_home

__all__ = ["LOG_BYTES_MAX", "our_fault"]

LOG_BYTES_MAX: Final = 1 << 20


def our_fault(error: Exception, *, words: Sequence[str]) -> UserError:
    """Write the trace into the home's log, where there is a home, and word the fault."""
    trace = "".join(traceback.format_exception(error))
    id_ = hashlib.sha256(trace.encode()).hexdigest()[:8]
    log = _log_of(words)
    where = f"Its trace is in {log} under {id_}." if _keep(trace, id_=id_, log=log) else ""
    body = ErrorBody(
        code="OUR_FAULT",
        exit=int(Exit.OUR_FAULT),
        what=f"Failed: a fault of bot's own ({type(error).__name__}, {id_}).",
        why=where or "Its trace was not kept, because there is no home yet.",
        next="See the trace: the same command with -v        Look first: bot status",
    )
    return UserError.of(body)


def _log_of(words: Sequence[str]) -> Path:
    home = default_home()
    with suppress(UserError):
        named = split(words).given.get("home")
        home = Path(named).expanduser() if named else home
    return home / "log" / "commands.log"


def _keep(trace: str, *, id_: str, log: Path) -> bool:
    """Append the trace; a log beyond its bound is begun again. A home is never made for it."""
    if not log.parent.parent.is_dir():
        return False
    try:
        log.parent.mkdir(mode=0o700, exist_ok=True)
        is_full = log.exists() and log.stat().st_size > LOG_BYTES_MAX
        with log.open("w" if is_full else "a", encoding="utf-8") as file:
            file.write(f"{now_text()} {id_}\n{trace}\n")
    except OSError:
        return False
    return True
