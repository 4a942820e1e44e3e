"""An order as the exchange keeps it."""

from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final

import msgspec

from bot.domain.ids import AccountId, InstrumentName, OrderId
from bot.domain.order import OrderState
from bot.domain.side import Side

__all__ = [
    "CANCEL_BY_DISCONNECT",
    "CANCEL_BY_EDIT",
    "CANCEL_BY_SELF_MATCH",
    "CANCEL_BY_SETTLEMENT",
    "CANCEL_BY_SHRINKING",
    "CANCEL_BY_USER",
    "Lifetime",
    "Order",
    "OrderKind",
]

CANCEL_BY_USER: Final = "user_request"
CANCEL_BY_DISCONNECT: Final = "cancel_on_disconnect"
CANCEL_BY_EDIT: Final = "edit_post_only_reject"
CANCEL_BY_SETTLEMENT: Final = "settlement"
# PROTOCOL §9: a self-match value exists since May 2026, its name is not published.
CANCEL_BY_SELF_MATCH: Final = "self_match"
# PROTOCOL §8 says that a reduce-only order is cut when the position shrinks, not what an order cut
# to nothing is called; this is the nearest of the published reasons.
CANCEL_BY_SHRINKING: Final = "risk_mitigation"


class Lifetime(Enum):
    """How long an order may rest, in the venue's words; one more than our engine ever sends."""

    GTC = "good_til_cancelled"
    GTD = "good_til_day"
    FOK = "fill_or_kill"
    IOC = "immediate_or_cancel"

    @property
    def rests(self) -> bool:
        """True when the remainder stays in the book."""
        return self in (Lifetime.GTC, Lifetime.GTD)


class OrderKind(Enum):
    """The order types that are served. A market order is a limit at the edge of the band."""

    LIMIT = "limit"
    MARKET = "market"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order, in any state. `amount` includes what has filled; `value` is the fills' worth.

    `rank` orders orders of one price by time; an edit that loses its place gets a new one.
    `connection` is the connection that it came by, for cancel on disconnect; empty for HTTP.
    """

    id: OrderId
    account: AccountId
    instrument: InstrumentName
    side: Side
    kind: OrderKind
    price: Decimal
    amount: Decimal
    label: str
    lifetime: Lifetime
    post_only: bool
    reject_post_only: bool
    reduce_only: bool
    created_ms: int
    updated_ms: int
    rank: int
    connection: str = ""
    filled: Decimal = Decimal(0)
    value: Fraction = Fraction(0)
    state: OrderState = OrderState.OPEN
    replaced: bool = False
    is_liquidation: bool = False
    cancel_reason: str | None = None

    @property
    def remaining(self) -> Decimal:
        """What may still fill."""
        return self.amount - self.filled

    @property
    def is_open(self) -> bool:
        """True while it can fill."""
        return self.state is OrderState.OPEN
