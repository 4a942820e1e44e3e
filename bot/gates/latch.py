"""The OpenPermissionLatch: every proof, or no open [C-303]."""

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, _policy: Policy) -> Refusal | None:
    """Refuse while a proof is missing."""
    if not facts.latch_missing:
        return None
    return Refusal(reason=Reason.LATCH_SHUT, was="missing " + ", ".join(facts.latch_missing))
