"""Sizes the venue takes, and the policy allows [C-107]."""

from bot.domain.instrument import Kind
from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse an amount off the step or below the minimum, for exits too; and opens that are big."""
    instrument, amount = facts.instrument, intent.amount
    if amount % instrument.amount_step != 0:
        return Refusal(
            reason=Reason.SIZE_OFF_STEP, was=plain(amount), limit=plain(instrument.amount_step)
        )
    if amount < instrument.amount_min:
        return Refusal(
            reason=Reason.SIZE_BELOW_MIN, was=plain(amount), limit=plain(instrument.amount_min)
        )
    if intent.role.is_exit:
        return None
    limits = policy.per_order
    if instrument.kind is Kind.OPTION and amount > limits.amount_max:
        return Refusal(reason=Reason.SIZE_ORDER, was=plain(amount), limit=plain(limits.amount_max))
    is_usd = instrument.is_inverse and instrument.kind is not Kind.OPTION
    if not is_usd and facts.index is None:
        return Refusal(reason=Reason.NOTIONAL_ORDER, was="no index")
    notional = amount if is_usd or facts.index is None else amount * facts.index
    if notional <= limits.notional_usd_max:
        return None
    return Refusal(
        reason=Reason.NOTIONAL_ORDER,
        was=f"{notional:.0f} USD",
        limit=f"{limits.notional_usd_max:f} USD",
    )
