"""Cancel on disconnect: armed for a connection, and asked back (PROTOCOL §14)."""

from typing import Final

import msgspec

from bot.venue.reply import Call, Ok
from bot.venue.undecodable import UndecodableError, reading

__all__ = ["ARM", "ask_whether_armed"]

# Scope `account` would outlive this connection and bind programs that are not ours.
ARM: Final[tuple[str, dict[str, object]]] = (
    "private/enable_cancel_on_disconnect",
    {"scope": "connection"},
)

_CONFIRM_S: Final = 5.0


class _WireProtection(msgspec.Struct, frozen=True, kw_only=True):
    scope: str
    enabled: bool


_PROTECTION: Final = msgspec.json.Decoder(_WireProtection)


async def ask_whether_armed(call: Call) -> bool:
    """Ask the venue whether it cancels when this connection breaks. No clear yes is a no."""
    reply = await call(
        "private/get_cancel_on_disconnect",
        {"scope": "connection"},
        deadline_s=_CONFIRM_S,
        is_exit=True,
    )
    if not isinstance(reply, Ok):
        return False
    try:
        with reading("cancel on disconnect"):
            said = _PROTECTION.decode(reply.result)
    except UndecodableError:
        return False
    return said.scope == "connection" and said.enabled
