"""A stale book is a free option for others [C-111]."""

from bot.domain.instrument import Kind
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse without an unbroken book that was confirmed lately."""
    limits = policy.execution
    is_option = facts.instrument.kind is Kind.OPTION
    limit_ms = limits.book_option_ms_max if is_option else limits.book_perpetual_ms_max
    limit = f"{limit_ms} ms"
    if facts.book is None or facts.book_age_ms is None:
        return Refusal(reason=Reason.BOOK_STALE, was="no book", limit=limit)
    if facts.book.is_broken:
        return Refusal(reason=Reason.BOOK_STALE, was="a change was missed", limit=limit)
    if facts.book_age_ms > limit_ms:
        return Refusal(reason=Reason.BOOK_STALE, was=f"{facts.book_age_ms} ms old", limit=limit)
    return None
