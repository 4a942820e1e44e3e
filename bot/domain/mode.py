"""Environment and trading mode: two different things [C-001, C-002]."""

from enum import Enum

__all__ = ["Environment", "Mode"]


class Environment(Enum):
    """Where the engine runs. Set once at start, stamped into the ledger, never changed."""

    DEV = "DEV"
    STAGING = "STAGING"
    PAPER = "PAPER"
    LIVE = "LIVE"


class Mode(Enum):
    """What the engine may do. Only `guard` resolves it [C-301]."""

    ACTIVE = "ACTIVE"
    REDUCE_ONLY = "REDUCE_ONLY"
    KILL = "KILL"

    @property
    def severity(self) -> int:
        """0, 1, 2: higher allows less."""
        return _SEVERITY[self]


_SEVERITY = {Mode.ACTIVE: 0, Mode.REDUCE_ONLY: 1, Mode.KILL: 2}
