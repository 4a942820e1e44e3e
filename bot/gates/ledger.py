"""Without a ledger nothing is opened [C-201, C-212]."""

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, _policy: Policy) -> Refusal | None:
    """Refuse once a commit has failed."""
    if facts.ledger_failure is None:
        return None
    return Refusal(reason=Reason.LEDGER_UNWRITABLE, was=facts.ledger_failure)
