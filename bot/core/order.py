"""An order intent in the state: what was meant, and all that is known of its fate."""

from decimal import Decimal

import msgspec

from bot.core.life import Phase
from bot.core.record import Expected
from bot.domain.ids import IntentId, Label, OrderId
from bot.domain.money import Amount
from bot.intent.intent import OrderIntent

__all__ = ["Order"]


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order intent and all that is known of its fate.

    `filled` counts booked trades; `reported` is the venue's own count. They differ while trades are
    missing, and until they agree the order is not done with [C-209].
    """

    intent_id: IntentId
    label: Label
    intent: OrderIntent
    expected: Expected | None
    phase: Phase
    recorded_seq: int
    order_id: OrderId | None = None
    filled: Amount = Amount(Decimal(0))
    reported: Amount = Amount(Decimal(0))
    updated_ms: int = 0
    doubted_ms: int | None = None  # venue time at which it became UNKNOWN
    closed_seq: int = 0

    @property
    def remaining(self) -> Amount:
        """What may still be booked: counted as filled against us everywhere [C-108, C-114]."""
        whole = self.intent.amount if self.phase.may_fill else self.reported
        return Amount(max(whole - self.filled, Decimal(0)))

    @property
    def is_settled(self) -> bool:
        """True when it is final and every trade the venue counted is booked."""
        return self.phase.is_final and self.remaining == 0
