"""Forward and index must tell the same story (DOMAIN §7.1)."""

from bot.domain.instant import years_between
from bot.domain.instrument import Kind
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when the forward strays from the index, or the index has just jumped."""
    limits, ticker, index = policy.execution, facts.ticker, facts.index
    if index is None or index <= 0 or ticker is None:
        return Refusal(reason=Reason.INDEX_DISAGREES, was="no index")
    if facts.index_jump_ratio > limits.index_jump_ratio_max:
        return Refusal(
            reason=Reason.INDEX_DISAGREES,
            was=f"jump of {facts.index_jump_ratio:.2%}",
            limit=f"{limits.index_jump_ratio_max:.2%}",
        )
    # A future is its own forward; only an option is told one.
    forward = ticker.underlying if facts.instrument.kind is Kind.OPTION else ticker.mark
    if forward is None:
        return Refusal(reason=Reason.INDEX_DISAGREES, was="no forward")
    expiry_ms = facts.instrument.expiry_ms or facts.now_ms
    years = max(0.0, years_between(facts.now_ms, expiry_ms))
    limit = float(limits.index_gap_ratio_max) + float(limits.index_gap_ratio_per_year_max) * years
    gap = abs(float(forward) / float(index) - 1)
    if gap <= limit:
        return None
    return Refusal(reason=Reason.INDEX_DISAGREES, was=f"{gap:.2%} apart", limit=f"{limit:.2%}")
