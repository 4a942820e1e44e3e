"""What the policy lets be opened at all [C-003]."""

from bot.domain.instant import DAY_MS
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse strategies, kinds, coins and expiries that the policy does not name."""
    allowed, instrument = policy.allowed, facts.instrument
    strategy = intent.decision.strategy
    if strategy not in allowed.strategies:
        return Refusal(reason=Reason.STRATEGY_NOT_ALLOWED, was=strategy)
    questions = (
        ("deribit", allowed.venues),
        (instrument.kind, allowed.kinds),
        (instrument.currency, allowed.currencies),
        (instrument.base, allowed.underlyings),
    )
    for was, names in questions:
        if was not in names:
            text = was if isinstance(was, str) else was.value
            return Refusal(reason=Reason.INSTRUMENT_NOT_ALLOWED, was=text)
    if instrument.expiry_ms is not None:
        days = (instrument.expiry_ms - facts.now_ms) / DAY_MS
        if days > allowed.expiry_days_max:
            return Refusal(
                reason=Reason.INSTRUMENT_NOT_ALLOWED,
                was=f"{days:.1f} days to expiry",
                limit=f"{allowed.expiry_days_max} days",
            )
    return None
