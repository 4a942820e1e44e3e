"""Margin after the order, on the careful side [C-116]."""

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when margin use would pass its limit, or cannot be known."""
    account = facts.account
    if account is None or facts.margin_after is None or facts.maintenance_after is None:
        return Refusal(reason=Reason.MARGIN_WHAT_IF, was="unknown")
    if account.is_portfolio_margined:
        # Ours covers the standard margin; a portfolio's can be more than that, and nobody has
        # answered what it would be.
        return Refusal(
            reason=Reason.MARGIN_WHAT_IF, was="portfolio margin", limit="standard margin"
        )
    if account.margin_balance <= 0:
        return Refusal(reason=Reason.MARGIN_WHAT_IF, was=f"balance {account.margin_balance:f}")
    rows = (
        ("initial", facts.margin_after, policy.portfolio.initial_margin_use_max),
        ("maintenance", facts.maintenance_after, policy.portfolio.maintenance_margin_use_max),
    )
    for name, margin, limit in rows:
        used = margin / account.margin_balance
        if used > limit:
            return Refusal(
                reason=Reason.MARGIN_WHAT_IF, was=f"{name} {used:.1%}", limit=f"{limit:.1%}"
            )
    return None
