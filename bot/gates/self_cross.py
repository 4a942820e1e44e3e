"""We never trade with ourselves [C-107]."""

from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, _policy: Policy) -> Refusal | None:
    """Refuse a price that would meet an order of ours on the other side.

    An open is refused for any that may be there; an exit only for one that surely is [C-309].
    """
    for own in facts.own:
        if own.side is intent.side or (intent.role.is_exit and not own.is_known_to_rest):
            continue
        meets = intent.price >= own.price if intent.side is Side.BUY else intent.price <= own.price
        if meets:
            return Refusal(
                reason=Reason.SELF_CROSS,
                was=plain(intent.price),
                limit=f"our {own.side.value} at {plain(own.price)}",
            )
    return None
