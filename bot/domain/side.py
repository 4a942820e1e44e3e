"""Buy or sell, and its sign."""

from enum import Enum

__all__ = ["Side"]


class Side(Enum):
    """The side of an order or fill, in the venue's own words."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, −1 for a sell (DOMAIN: amounts are positive, the side carries the sign)."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """The side that undoes this one."""
        return Side.SELL if self is Side.BUY else Side.BUY
