"""From a changing verb's arguments to the act that the engine carries out (UX §2.3)."""

from typing import Final

import msgspec

from bot.control.port import Act, Classify, Down, Flatten, Rearm, ReconRun, SetMode
from bot.control.verbs import (
    DownArgs,
    FlattenArgs,
    ForeignArgs,
    ForeignCloseArgs,
    ModeArgs,
    RearmArgs,
    ReconArgs,
)
from bot.domain.instant import instant_of
from bot.domain.mode import Mode
from bot.domain.verdict import Verdict

__all__ = ["act_of"]

_VERDICTS: Final = {"foreign adopt": Verdict.ADOPT, "foreign ignore": Verdict.IGNORE}


def act_of(args: msgspec.Struct, *, verb: str, login: str) -> Act:
    """Return the act of a verb; `login` is who it was when the client named nobody."""
    match args:
        case ModeArgs(mode=mode, by=by, reason=reason, request_id=key):
            return SetMode(mode=Mode(mode), by=by or login, reason=reason, request_id=key)
        case RearmArgs(by=by, reason=reason, request_id=key, expect=expect, seen_at=seen_at):
            return Rearm(
                by=by or login,
                reason=reason,
                request_id=key,
                expect=expect,
                looked_ms=instant_of(seen_at),
            )
        case ReconArgs(by=by, reason=reason, request_id=key):
            return ReconRun(by=by or login, reason=reason, request_id=key)
        case ForeignArgs(subject=subject, expect=seen, by=by, reason=reason, request_id=key):
            return Classify(
                subject=subject,
                verdict=_VERDICTS[verb],
                expect=seen,
                by=by or login,
                reason=reason,
                request_id=key,
            )
        case ForeignCloseArgs(subject=subject, expect=seen, by=by, reason=reason, request_id=key):
            return Classify(
                subject=subject,
                verdict=Verdict.CLOSE,
                expect=seen,
                by=by or login,
                reason=reason,
                request_id=key,
            )
        case FlattenArgs(plan=plan, by=by, reason=reason, request_id=key):
            return Flatten(plan=plan, by=by or login, reason=reason, request_id=key)
        case DownArgs(by=by, reason=reason, request_id=key, cancel_opens=opens):
            return Down(by=by or login, reason=reason, request_id=key, cancel_opens=opens)
        case _:
            raise AssertionError(f"{type(args).__name__} is no act")
