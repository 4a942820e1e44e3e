"""Edits at the desk: what a strategy wishes, what was let out, what the venue says of it."""

from decimal import Decimal

from bot.core.effect import SendEdit, SendOrder
from bot.core.event import Answered
from bot.core.order import Order
from bot.core.outcome import Acked, Outcome
from bot.core.record import Edited, Refused
from bot.domain.money import Amount, Price
from bot.domain.report import OrderReport
from bot.strategy.interface import Amend
from tests.bot.core.desk import POLICY, Desk
from tests.bot.core.words import report_of

__all__ = [
    "LATER_MS", "ack", "amend", "answer", "ask_edit", "edited", "edits", "known", "outcomes",
    "refused", "shown",
]  # fmt: skip

# Past the fence of an edit decided now, and past the margin.
LATER_MS = POLICY.execution.valid_until_ms_max + POLICY.execution.absence_margin_ms_min + 1


def amend(order: SendOrder, amount: str = "0.2", price: str = "0.0125") -> Amend:
    """A wish for other terms."""
    return Amend(
        intent_id=order.intent_id,
        amount=Amount(Decimal(amount)),
        price=Price(Decimal(price)),
        why="test",
    )


def edits(desk: Desk) -> list[SendEdit]:
    """Return every edit that was let out, in order."""
    return [effect for effect in desk.effects if isinstance(effect, SendEdit)]


def ask_edit(
    desk: Desk, order: SendOrder, amount: str = "0.2", price: str = "0.0125"
) -> SendEdit | None:
    """Have a strategy wish for an edit; return it if it was let out."""
    before = len(edits(desk))
    desk.wait(1_000)
    desk.quote()
    desk.tick(amend(order, amount, price))
    return edits(desk)[-1] if len(edits(desk)) > before else None


def edited(desk: Desk, order: SendOrder, amount: str = "0.2", price: str = "0.0125") -> SendEdit:
    """Have an edit let out, and return it."""
    edit = ask_edit(desk, order, amount, price)
    assert edit is not None, desk.why_not()
    return edit


def known(desk: Desk, order: SendOrder) -> Order:
    """Return what the core knows of an order, live or finished."""
    durable = desk.state.durable
    return durable.orders.get(order.intent_id) or durable.closed[order.intent_id]


def outcomes(desk: Desk) -> list[bool]:
    """Return how each edit has ended, as recorded."""
    return [record.applied for record in desk.records if isinstance(record, Edited)]


def refused(desk: Desk) -> str | None:
    """Return the code of the last refusal."""
    codes = [record.refusals[0][0] for record in desk.records if isinstance(record, Refused)]
    return codes[-1] if codes else None


def shown(desk: Desk, order: SendOrder, amount: str, price: str, **fields: object) -> OrderReport:
    """What the venue says of an order now, with these terms."""
    return report_of(
        order,
        amount=Amount(Decimal(amount)),
        price=Price(Decimal(price)),
        **{"updated_ms": desk.now_ms, **fields},
    )


def answer(desk: Desk, edit: SendEdit, outcome: Outcome) -> None:
    """Report the outcome of an edit."""
    desk.feed(Answered(edit.intent_id, outcome))


def ack(desk: Desk, order: SendOrder, edit: SendEdit, **fields: object) -> None:
    """Answer that the venue has the edit's terms now."""
    terms = {"amount": edit.intent.amount, "price": edit.intent.price}
    report = report_of(order, **{**terms, "updated_ms": desk.now_ms, **fields})
    answer(desk, edit, Acked(order=report, fills=()))
