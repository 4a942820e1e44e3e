"""Enough must stand in the book for our size, with room for cancels [C-111]."""

from bot.domain.money import plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.side import Side
from bot.gates.facts import Facts
from bot.intent.intent import OrderIntent
from bot.market.book import depth_within
from bot.policy.policy import Policy

__all__ = ["check"]


def check(intent: OrderIntent, facts: Facts, policy: Policy) -> Refusal | None:
    """Refuse when the side that we take shows less than some times our size near the touch."""
    book, limits = facts.book, policy.execution
    touch = None if book is None else book.touch(intent.side)
    if book is None or touch is None:
        return Refusal(reason=Reason.BOOK_ONE_SIDED, was="a side is missing", limit="two sides")
    levels = book.asks if intent.side is Side.BUY else book.bids
    distance = limits.depth_ticks_max * facts.instrument.ticks.at(touch.price)
    shown = depth_within(levels, best=touch.price, distance=distance)
    needed = limits.depth_times_min * intent.amount
    if shown >= needed:
        return None
    return Refusal(reason=Reason.DEPTH_THIN, was=plain(shown), limit=plain(needed))
