"""From a changing verb's arguments to the act that the engine carries out (UX §2.3)."""

import msgspec

from bot.control.port import Act, Down, Rearm, ReconRun, SetMode
from bot.control.verbs import DownArgs, ModeArgs, RearmArgs, ReconArgs
from bot.domain.instant import instant_of
from bot.domain.mode import Mode

__all__ = ["act_of"]


def act_of(args: msgspec.Struct, *, login: str) -> Act:
    """Return the act; `login` is who it was when the client named nobody."""
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
        case DownArgs(by=by, reason=reason, request_id=key, cancel_opens=opens):
            return Down(by=by or login, reason=reason, request_id=key, cancel_opens=opens)
        case _:
            raise AssertionError(f"{type(args).__name__} is no act")
