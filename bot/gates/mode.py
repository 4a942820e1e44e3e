"""The mode decides first: opens need ACTIVE, and under KILL strategies are silent [C-002]."""

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, _policy: Policy) -> Refusal | None:
    """Refuse opens outside ACTIVE. Exits pass in every mode [C-309]."""
    if intent.role.is_exit or facts.mode is Mode.ACTIVE:
        return None
    return Refusal(reason=Reason.MODE, was=facts.mode.value, limit=Mode.ACTIVE.value)
