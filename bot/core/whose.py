"""Whose an order at the venue is: an intent's, a second one under its label, or a stranger's."""

from decimal import Decimal

from bot.core.durable import Durable, Order
from bot.core.state import State
from bot.domain.money import Amount
from bot.domain.report import OrderReport
from bot.intent.label import is_ours

__all__ = ["doubles", "left_of", "order_behind", "strangers"]


def order_behind(durable: Durable, report: OrderReport) -> Order | None:
    """Find the intent behind a report: by its label, and nothing else [C-103]."""
    if report.label is None or not is_ours(report.label, ledger=durable.owner.ledger):
        return None
    return durable.order_of(report.label)


def strangers(state: State) -> tuple[OrderReport, ...]:
    """Return every order that rests beside ours and may fill, doubles among them [C-509]."""
    return tuple(report for _, report in sorted(state.foreign.items()) if left_of(report) > 0)


def doubles(state: State) -> tuple[tuple[Order, OrderReport], ...]:
    """Return each venue order under a label of ours that its intent does not count, after the
    intent: a second one, one with other terms, one that rests after its end.
    """
    pairs = ((order_behind(state.durable, report), report) for report in strangers(state))
    return tuple((order, report) for order, report in pairs if order is not None)


def left_of(report: OrderReport) -> Amount:
    """Return what may still fill of a resting order, in its amount unit."""
    return Amount(max(report.amount - report.filled, Decimal(0)))
