"""The words that describe an order."""

from enum import Enum

__all__ = ["Liquidity", "OrderState", "Role", "TimeInForce"]


class Role(Enum):
    """What an order does to exposure at worst case [C-108]."""

    OPEN = "OPEN"
    REDUCE = "REDUCE"
    CLOSE = "CLOSE"
    HEDGE = "HEDGE"
    CANCEL = "CANCEL"

    @property
    def is_exit(self) -> bool:
        """True for everything that cannot raise exposure."""
        return self is not Role.OPEN


class TimeInForce(Enum):
    """How long an order may rest, in the venue's own words."""

    GTC = "good_til_cancelled"
    IOC = "immediate_or_cancel"
    FOK = "fill_or_kill"


class OrderState(Enum):
    """What the venue says of an order. A word we do not know is UNKNOWN: worst case [C-205]."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    UNTRIGGERED = "untriggered"
    UNKNOWN = "unknown"


class Liquidity(Enum):
    """Who was there first: maker rested, taker arrived."""

    MAKER = "M"
    TAKER = "T"
