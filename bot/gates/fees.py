"""Expectations stand on the fee schedule [C-112]."""

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when the schedule is older than its limit, or the day's fees are used up."""
    limit_ms = policy.execution.fees_ms_max
    if facts.fees_age_ms is None or facts.fees_age_ms > limit_ms:
        was = "unknown" if facts.fees_age_ms is None else f"{facts.fees_age_ms} ms old"
        return Refusal(reason=Reason.FEES_STALE, was=was, limit=f"{limit_ms} ms")
    if facts.day_equity is None:
        return Refusal(reason=Reason.FEES_DAY, was="equity unknown")
    limit = facts.day_equity * policy.per_day.fees_max
    if facts.day_fees <= limit:
        return None
    return Refusal(reason=Reason.FEES_DAY, was=f"{facts.day_fees:f}", limit=f"{limit:f}")
