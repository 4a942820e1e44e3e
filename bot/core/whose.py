"""Whose an order at the venue is: an intent's, a second one under its label, or a stranger's."""

from decimal import Decimal

from bot.core.durable import Durable, Order
from bot.core.foreign import apart_of
from bot.core.state import State
from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, plain
from bot.domain.reason import Reason
from bot.domain.refusal import Refusal
from bot.domain.report import OrderReport
from bot.domain.side import Side
from bot.intent.label import is_ours

__all__ = ["doubles", "left_of", "order_behind", "strangers", "trades_against"]


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


def trades_against(state: State, name: InstrumentName, *, side: Side) -> Refusal | None:
    """Refuse an open that the venue would net with a stranger's position [C-509]."""
    apart = apart_of(state.durable.foreign, name)
    if apart == 0 or (apart > 0) == (side is Side.BUY):
        return None
    return Refusal(reason=Reason.FOREIGN_POSITION, was=f"{plain(apart)} {name} is not ours")
