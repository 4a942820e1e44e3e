"""A definition without an age is a guess [C-106]."""

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when what sizes the order is missing or too old."""
    limits = policy.execution
    ages = (
        ("instrument", facts.instrument_age_ms, limits.instrument_ms_max),
        ("index", facts.index_age_ms, limits.index_ms_max),
        ("account", facts.account_age_ms, limits.account_ms_max),
        ("mark", facts.mark_age_ms, limits.mark_ms_max),
    )
    for name, age_ms, limit_ms in ages:
        if age_ms is None or age_ms > limit_ms:
            was = f"{name} unknown" if age_ms is None else f"{name} {age_ms} ms old"
            return Refusal(reason=Reason.SIZING_METADATA_STALE, was=was, limit=f"{limit_ms} ms")
    return None
