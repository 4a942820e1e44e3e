"""Without a good clock `valid_until` is no fence [C-208, C-507]."""

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, _policy: Policy) -> Refusal | None:
    """Refuse while the clock is not proven."""
    if facts.is_clock_good:
        return None
    return Refusal(reason=Reason.CLOCK_UNPROVEN, was="not proven")
