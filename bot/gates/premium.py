"""Options too cheap to sell: the fee cap and one tick eat them (DOMAIN §7.1)."""

from bot.domain.instrument import Kind
from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse to sell an option whose bid is below the minimum."""
    if facts.instrument.kind is not Kind.OPTION or intent.side is Side.BUY:
        return None
    limit = policy.per_order.premium_min
    bid = facts.book.bid if facts.book is not None else None
    if bid is not None and bid.price >= limit:
        return None
    was = "no bid" if bid is None else plain(bid.price)
    return Refusal(reason=Reason.PREMIUM_SMALL, was=was, limit=plain(limit))
