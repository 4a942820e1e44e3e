"""A price far from fair value means a bad mark or a bad us (DOMAIN §7.1)."""

from bot.domain.instrument import Kind
from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when the limit price is too far from the mark."""
    if facts.ticker is None or facts.ticker.mark <= 0:
        return Refusal(reason=Reason.MARK_DISTANCE, was="no mark")
    mark, limits = facts.ticker.mark, policy.per_order
    away = abs(intent.price - mark)
    ticks = limits.mark_distance_ticks_max * facts.instrument.ticks.at(mark)
    is_option = facts.instrument.kind is Kind.OPTION
    # A tenth of the mark is little for an option and a crash for a future: there only ticks and
    # the perpetual's own spread limit count.
    spread = mark * policy.execution.spread_perpetual_bp_max / 10_000
    allowed = max(ticks, mark * limits.mark_distance_ratio_max if is_option else spread)
    if away <= allowed:
        return None
    return Refusal(
        reason=Reason.MARK_DISTANCE,
        was=f"{plain(intent.price)} is {plain(away)} from {plain(mark)}",
        limit=f"{allowed:f}",
    )
