"""An edit in doubt ends by a look-up that began when it could not arrive any more [C-205, C-206].

The fence is the edit's own `valid_until`, which the venue holds it to; after it, and a margin, what
the order shows is what it will show.
"""

from bot.core.durable import Order
from bot.core.event import Gathered
from bot.core.state import State
from bot.core.terms import end_edit, shows
from bot.core.turn import Turn

__all__ = ["is_edit_provable", "prove_edit"]


def is_edit_provable(state: State, order: Order, *, at_ms: int) -> bool:
    """Say whether an edit is under way that a look-up begun at this venue time can end."""
    margin_ms = state.settings.policy.execution.absence_margin_ms_min
    return order.edit is not None and at_ms > order.edit.valid_until_ms + margin_ms


def prove_edit(turn: Turn, news: Gathered, order: Order) -> None:
    """End it as not applied when the order still has its terms from before.

    That it was applied has been learnt from the same report by then; an order that shows neither
    is ORDER_CHANGED, and stays at worst case.
    """
    if not is_edit_provable(turn.state, order, at_ms=news.began_ms):
        return
    for report in news.by_label.get(order.label, ()):
        if report.order_id == order.order_id and shows(report, order.terms, of=order):
            why = "looked up after its valid_until: the terms are those from before"
            end_edit(turn, order, applied=False, why=why, at_ms=news.began_ms)
            return
