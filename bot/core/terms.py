"""Which amount and price the venue holds of an order: as sent, or as edited since [C-213].

While an edit is under way the order may have either; a report proves the one that it shows. The
terms from before it are no proof of the contrary, for the edit may still arrive: `prove_edit`.
"""

from bot.core.cause import raise_cause
from bot.core.durable import Order
from bot.core.order import Edit, Terms
from bot.core.record import Edited
from bot.core.turn import Turn
from bot.domain.money import plain
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from bot.domain.report import OrderReport

__all__ = ["check_terms", "end_edit", "is_more", "learn_terms", "shows"]

_ENDED = frozenset({OrderState.CANCELLED, OrderState.FILLED, OrderState.REJECTED})


def learn_terms(turn: Turn, order: Order, report: OrderReport) -> Order:
    """End the edit under way when this report proves its outcome; return the order as it then is.

    A report from before the terms now in force proves nothing: an edit back to what once was would
    else be proven by old news.
    """
    edit = order.edit
    if edit is None:
        return order
    is_as_before = shows(report, order.terms, of=order)
    is_whole = report.amount == edit.amount  # not one that was cut, which could be cut from either
    is_edited = shows(report, edit, of=order) and (is_whole or not is_as_before)
    if is_edited and report.updated_ms > order.terms.since_ms:
        return end_edit(
            turn, order, applied=True, why="the venue shows its terms", at_ms=report.updated_ms
        )
    if is_as_before and not is_edited and report.state in _ENDED:
        why = "the order ended with the terms from before"
        return end_edit(turn, order, applied=False, why=why, at_ms=report.updated_ms)
    return order


def end_edit(turn: Turn, order: Order, *, applied: bool, why: str, at_ms: int) -> Order:
    """Record what became of the edit under way; return the order as it then is."""
    if order.edit is None:
        raise AssertionError(f"{order.label} has no edit under way")
    edit_id = order.edit.intent_id
    turn.record(
        Edited(intent_id=order.intent_id, edit_id=edit_id, applied=applied, why=why, at_ms=at_ms)
    )
    turn.say("edited", intent_id=order.intent_id, edit_id=edit_id, applied=applied, why=why)
    durable = turn.state.durable
    return durable.orders.get(order.intent_id) or durable.closed[order.intent_id]


def shows(report: OrderReport, terms: Terms | Edit, *, of: Order) -> bool:
    """Say whether a report is what these terms look like at the venue (PROTOCOL §15)."""
    is_cut = report.amount < terms.amount and of.intent.reduce_only  # the venue's own right
    is_price = report.price is None or report.price == terms.price
    return is_price and (report.amount == terms.amount or is_cut)


def check_terms(turn: Turn, order: Order, report: OrderReport) -> None:
    """Compare what the venue holds with what was asked: it may clamp, move or cut."""
    intent = order.intent
    is_same = (
        report.instrument == intent.instrument
        and report.side is intent.side
        and any(shows(report, terms, of=order) for terms in _possible(order, report))
        and report.time_in_force is intent.time_in_force
        and report.post_only is intent.post_only
        and report.reduce_only is intent.reduce_only
    )
    if not is_same:
        detail = f"{order.label}: sent {_sent(order)}, held {_held(report)}"
        raise_cause(turn, Reason.ORDER_CHANGED, detail)


def is_more(order: Order, report: OrderReport) -> bool:
    """Say whether fills of it go beyond what was meant, or elsewhere."""
    intent = order.intent
    is_elsewhere = report.instrument != intent.instrument or report.side is not intent.side
    return is_elsewhere or all(report.amount > terms.amount for terms in _possible(order, report))


def _possible(order: Order, report: OrderReport) -> tuple[Terms | Edit, ...]:
    """Name the terms that this report may show. Reports come late and in any order: one from no
    later than the last edit may show what was before.
    """
    possible: list[Terms | Edit] = [order.terms]
    if order.edit is not None:
        possible.append(order.edit)
    if order.before is not None and report.updated_ms <= order.terms.since_ms:
        possible.append(order.before)
    return tuple(possible)


def _sent(order: Order) -> str:
    intent = order.intent
    flags = _flags(post_only=intent.post_only, reduce_only=intent.reduce_only)
    terms = f"{plain(order.terms.amount)} at {plain(order.terms.price)}"
    if order.edit is not None:
        terms += f" or {plain(order.edit.amount)} at {plain(order.edit.price)}"
    return f"{intent.side.value} {terms} {intent.time_in_force.value}{flags}"


def _held(report: OrderReport) -> str:
    flags = _flags(post_only=report.post_only, reduce_only=report.reduce_only)
    price = "none" if report.price is None else plain(report.price)
    life = "unknown" if report.time_in_force is None else report.time_in_force.value
    return f"{report.side.value} {plain(report.amount)} at {price} {life}{flags}"


def _flags(*, post_only: bool, reduce_only: bool) -> str:
    return (" post-only" if post_only else "") + (" reduce-only" if reduce_only else "")
