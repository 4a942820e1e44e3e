"""Forms of order that are never sent [C-107]."""

from bot.domain.money import plain
from bot.domain.order import Role, TimeInForce
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse illegal combinations. Market, trigger and linked orders cannot even be spelled."""
    if intent.post_only and intent.time_in_force is not TimeInForce.GTC:
        return Refusal(reason=Reason.ILLEGAL_ORDER, was="post-only with another life than GTC")
    if intent.role in (Role.CLOSE, Role.REDUCE) and not intent.reduce_only:
        return Refusal(reason=Reason.ILLEGAL_ORDER, was="an exit without reduce-only")
    if intent.role is Role.CANCEL:
        return Refusal(reason=Reason.ILLEGAL_ORDER, was="a cancel is no order")
    ahead_ms = intent.valid_until_ms - facts.now_ms
    limit_ms = policy.execution.valid_until_ms_max
    if not 0 < ahead_ms <= limit_ms:
        return Refusal(
            reason=Reason.ILLEGAL_ORDER, was=f"valid for {ahead_ms} ms", limit=f"{limit_ms} ms"
        )
    touch = facts.book.touch(intent.side) if facts.book is not None else None
    if not intent.post_only or touch is None:
        return None
    crosses = (
        intent.price >= touch.price if intent.side is Side.BUY else intent.price <= touch.price
    )
    if not crosses:
        return None
    return Refusal(
        reason=Reason.POST_ONLY_WOULD_TAKE, was=plain(intent.price), limit=plain(touch.price)
    )
