"""No mid, no decision [C-111]."""

from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.policy.policy import Policy

__all__ = ["check"]


def check(_intent: OrderIntent, facts: Facts, _policy: Policy) -> Refusal | None:
    """Refuse a book that lacks a side or is crossed."""
    book = facts.book
    if book is None or book.bid is None or book.ask is None:
        return Refusal(reason=Reason.BOOK_ONE_SIDED, was="a side is missing", limit="two sides")
    if book.is_crossed:
        was = f"bid {book.bid.price} ask {book.ask.price}"
        return Refusal(reason=Reason.BOOK_CROSSED, was=was, limit="bid below ask")
    return None
