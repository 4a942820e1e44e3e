"""The one authority on the trading mode [C-301]: a look-up and a maximum.

More causes never loosen the mode [C-302], because a maximum never falls when its set grows.
"""

from collections.abc import Iterable
from typing import Final

from bot.domain.mode import Mode
from bot.domain.reason import REASONS, Effect, Reason

__all__ = ["forced_mode", "ranked", "resolve"]

_FORCES: Final = {
    Effect.REFUSE: Mode.ACTIVE,
    Effect.LATCH: Mode.ACTIVE,
    Effect.REDUCE_ONLY: Mode.REDUCE_ONLY,
    Effect.KILL: Mode.KILL,
}


def forced_mode(reason: Reason) -> Mode:
    """Return the mode that a reason forces by itself; ACTIVE when it forces none."""
    return _FORCES[REASONS[reason].effect]


def resolve(causes: Iterable[Reason]) -> Mode:
    """Return the mode that these causes force together."""
    return max((forced_mode(cause) for cause in causes), key=_severity, default=Mode.ACTIVE)


def ranked(causes: Iterable[Reason]) -> tuple[Reason, ...]:
    """Order causes by gravity, the gravest first; equal ones by name."""
    return tuple(sorted(causes, key=lambda cause: (-_severity(forced_mode(cause)), cause.value)))


def _severity(mode: Mode) -> int:
    return mode.severity
