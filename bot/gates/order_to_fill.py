"""Many orders for few trades: noise that the venue counts against the account [C-115]."""

from typing import Final

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]

_JUDGED_FROM: Final = 50  # requests a day; below that a ratio says nothing


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when the day's orders and cancels per trade are too many."""
    requests = facts.day_orders + facts.day_cancels
    limit = policy.rates.requests_per_fill_max
    if requests < _JUDGED_FROM or requests <= limit * max(facts.day_fills, 1):
        return None
    return Refusal(
        reason=Reason.ORDER_TO_FILL,
        was=f"{requests} requests for {facts.day_fills} trades today",
        limit=f"{limit} per trade",
    )
