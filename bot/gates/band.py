"""Outside the band the venue refuses, or moves the price by itself [C-107] (PROTOCOL §15)."""

from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, _policy: Policy) -> Refusal | None:
    """Refuse a price outside the venue's band, or off the grid. This holds for exits too.

    An unknown band refuses opens only: an exit is the venue's to judge then [C-309].
    """
    if not facts.instrument.ticks.is_legal(intent.price) or intent.price <= 0:
        return Refusal(reason=Reason.ILLEGAL_ORDER, was=f"price {plain(intent.price)} off tick")
    if facts.ticker is None:
        if intent.role.is_exit:
            return None
        return Refusal(reason=Reason.PRICE_BAND, was="band unknown")
    low, high = facts.ticker.price_min, facts.ticker.price_max
    if low <= intent.price <= high:
        return None
    return Refusal(
        reason=Reason.PRICE_BAND, was=plain(intent.price), limit=f"{plain(low)} to {plain(high)}"
    )
