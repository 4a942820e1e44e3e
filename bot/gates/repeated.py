"""The same trade again and again: a strategy that forgot what it has [C-115]."""

from bot.domain.instant import MINUTE_MS
from bot.domain.reason import Reason
from bot.domain.recent import since
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when a minute's number of trades on this side of this instrument is used up."""
    limit = policy.rates.executions_per_minute_max
    was = since(
        facts.executions,
        facts.now_ms - MINUTE_MS,
        instrument=intent.instrument,
        side=intent.side,
    )
    if was < limit:
        return None
    text = f"{was} trades, {intent.side.value} of {intent.instrument}, in a minute"
    return Refusal(reason=Reason.REPEATED_EXECUTION, was=text, limit=str(limit))
