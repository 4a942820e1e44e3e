"""A no, as a value: which rule, what it saw, what it allows [C-110]."""

import msgspec

from bot.domain.reason import Reason

__all__ = ["Refusal"]


class Refusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule's no. `was` and `limit` are exact figures with their unit, as text for people."""

    reason: Reason
    was: str
    limit: str = ""
