"""Delta, gamma, vega and size at worst case, this order counted as filled [C-114]."""

from bot.domain.instrument import Kind
from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy
from bot.portfolio.exposure import Exposure

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when a portfolio limit would be passed, or when the risk cannot be computed."""
    exposure, limits = facts.exposure, policy.portfolio
    if not isinstance(exposure, Exposure):
        return Refusal(reason=Reason.GREEKS_UNKNOWN, was=exposure)
    if facts.index is None:
        return Refusal(reason=Reason.GREEKS_UNKNOWN, was="no index")
    index = float(facts.index)
    rows = (
        (Reason.DELTA_LIMIT, exposure.delta.worst, limits.delta_max, "coin"),
        (Reason.GAMMA_LIMIT, exposure.gamma.worst, limits.gamma_max, "coin per 1 %"),
        (Reason.VEGA_LIMIT, exposure.vega.worst, limits.vega_usd_max, "USD per point"),
        (Reason.DELTA_LIMIT, exposure.delta.worst * index, limits.total_delta_usd_max, "USD"),
        (Reason.GAMMA_LIMIT, exposure.gamma.worst * index, limits.total_gamma_usd_max, "USD/1 %"),
        (Reason.VEGA_LIMIT, exposure.vega.worst, limits.total_vega_usd_max, "USD per point"),
    )
    for reason, was, limit, unit in rows:
        if not was <= float(limit):
            return Refusal(reason=reason, was=f"{was:.4f} {unit}", limit=f"{plain(limit)} {unit}")
    if facts.instrument.kind is not Kind.OPTION:
        return None
    if facts.gross_options > limits.gross_options_max:
        return Refusal(
            reason=Reason.GROSS_OPTIONS,
            was=plain(facts.gross_options),
            limit=plain(limits.gross_options_max),
        )
    if facts.short_of_expiry > limits.short_per_expiry_max:
        return Refusal(
            reason=Reason.SHORT_OPTIONS_EXPIRY,
            was=plain(facts.short_of_expiry),
            limit=plain(limits.short_per_expiry_max),
        )
    return None
