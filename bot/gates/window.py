"""Nothing is opened shortly before its own expiry (DOMAIN §1.4)."""

from bot.domain.instant import MINUTE_MS
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse within the last minutes of an instrument's life."""
    expiry_ms = facts.instrument.expiry_ms
    if expiry_ms is None:
        return None
    left = (expiry_ms - facts.now_ms) // MINUTE_MS
    limit = policy.allowed.expiry_minutes_min
    if left >= limit:
        return None
    return Refusal(reason=Reason.NO_TRADE_WINDOW, was=f"{left} min left", limit=f"{limit} min")
