"""How many orders, and how fast; counted in the ledger [C-115]."""

from bot.domain.reason import Reason
from bot.domain.recent import since
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when a second's, a minute's or the day's number of orders is used up."""
    limits, now_ms = policy.rates, facts.now_ms
    second = since(facts.recent, now_ms - 1_000)
    minute = since(facts.recent, now_ms - 60_000)
    rows = (
        ("in a second", second, limits.orders_per_second_max, Reason.ORDER_RATE),
        ("in a minute", minute, limits.orders_per_minute_max, Reason.ORDER_RATE),
        ("today", facts.day_orders, limits.orders_per_day_max, Reason.ORDER_RATE),
        ("opens today", facts.day_opens, policy.per_day.opens_max, Reason.OPENS_DAY),
    )
    for name, was, limit, reason in rows:
        if was >= limit:
            return Refusal(reason=reason, was=f"{was} {name}", limit=str(limit))
    if now_ms < facts.cooling_until_ms:
        return Refusal(
            reason=Reason.VENUE_REFUSED_LATELY, was=f"{facts.cooling_until_ms - now_ms} ms to go"
        )
    return None
