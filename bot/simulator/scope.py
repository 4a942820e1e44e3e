"""What a key or token may do (PROTOCOL §3): scope strings, narrowed and compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, final

__all__ = ["AREAS", "Level", "Scope", "granted", "parse_scope"]

AREAS: Final = ("account", "block_rfq", "block_trade", "custody", "trade", "wallet")


class Level(IntEnum):
    """How much of an area; a higher one holds the lower."""

    NONE = 0
    READ = 1
    READ_WRITE = 2


_WORDS: Final = {"none": Level.NONE, "read": Level.READ, "read_write": Level.READ_WRITE}


@final
@dataclass(frozen=True, slots=True)
class Scope:
    """Levels by area; an absent area is none. `session` None is the `connection` scope."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    session: str | None = None
    expires_s: int | None = None

    def level(self, area: str) -> Level:
        """Return the level in an area."""
        return self.levels.get(area, Level.NONE)


def parse_scope(text: str) -> Scope | None:
    """Read a scope string; None when a known area has an unknown level. Other words are ignored."""
    levels: dict[str, Level] = {}
    session: str | None = None
    expires_s: int | None = None
    for word in text.split():
        area, _, value = word.partition(":")
        if area in AREAS:
            if value not in _WORDS:
                return None
            levels[area] = _WORDS[value]
        elif area == "session":
            session = value or None
        elif area == "expires" and value.isdigit():
            expires_s = int(value)
    return Scope(levels, session, expires_s)


def granted(scope: Scope, *, key_name: str) -> str:
    """Write the scope that was granted: the proof of what the token can do."""
    words = [f"{area}:{scope.level(area).name.lower()}" for area in AREAS]
    words += ["mainaccount", f"name:{key_name}"]
    words.append(f"session:{scope.session}" if scope.session else "connection")
    return " ".join(sorted(words))
