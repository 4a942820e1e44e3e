"""Which terms an order has: what a report proves of them, and what it does not [C-213]."""

from decimal import Decimal

import pytest

from bot.core.event import Reported
from bot.domain.money import Amount
from bot.domain.order import OrderState
from bot.domain.reason import Reason
from tests.bot.core.desk import ready
from tests.bot.core.editing import ack, edited, known, outcomes, shown
from tests.bot.core.words import place


def test_a_report_with_the_new_terms_proves_the_edit() -> None:
    desk = ready()
    order = desk.rest_one()
    edited(desk, order, "0.2", "0.0125")
    desk.feed(Reported(shown(desk, order, "0.2", "0.0125")))
    assert outcomes(desk) == [True]
    assert not desk.state.durable.causes


def test_a_report_with_the_old_terms_proves_nothing() -> None:
    desk = ready()
    order = desk.rest_one()
    edited(desk, order, "0.2", "0.0125")
    desk.feed(Reported(shown(desk, order, "0.1", "0.0120")))
    assert outcomes(desk) == []
    assert known(desk, order).remaining == Decimal("0.2")
    assert not desk.state.durable.causes


@pytest.mark.parametrize(("amount", "price"), [("0.3", "0.0125"), ("0.2", "0.0120")])
def test_neither_the_old_nor_the_new_terms_are_a_changed_order(amount: str, price: str) -> None:
    desk = ready()
    order = desk.rest_one()
    edited(desk, order, "0.2", "0.0125")
    desk.feed(Reported(shown(desk, order, amount, price)))
    assert Reason.ORDER_CHANGED in desk.state.durable.causes


def test_after_an_edit_only_its_terms_are_right() -> None:
    desk = ready()
    order = desk.rest_one()
    ack(desk, order, edited(desk, order, "0.2", "0.0125"))
    desk.wait(1_000)
    desk.feed(Reported(shown(desk, order, "0.1", "0.0120")))
    assert Reason.ORDER_CHANGED in desk.state.durable.causes


def test_late_news_from_before_an_edit_is_no_changed_order() -> None:
    desk = ready()
    order = desk.rest_one(place(amount="0.3"))
    edit = edited(desk, order, "0.2", "0.0120")
    before_ms = desk.now_ms - 1
    ack(desk, order, edit)
    tenth = Amount(Decimal("0.1"))
    desk.feed(Reported(shown(desk, order, "0.3", "0.0120", filled=tenth, updated_ms=before_ms)))
    assert not desk.state.durable.causes
    assert desk.state.foreign == {}
    assert known(desk, order).terms.amount == Decimal("0.2")


def test_late_news_from_before_one_edit_does_not_prove_the_next_that_leads_back() -> None:
    desk = ready()
    order = desk.rest_one()
    before_ms = desk.now_ms
    ack(desk, order, edited(desk, order, "0.2", "0.0125"))
    edited(desk, order, "0.1", "0.0120")
    desk.feed(Reported(shown(desk, order, "0.1", "0.0120", updated_ms=before_ms)))
    assert outcomes(desk) == [True], "the second is as open as it was"
    assert known(desk, order).remaining == Decimal("0.2")


def test_an_order_that_ended_with_its_old_terms_was_not_edited() -> None:
    desk = ready()
    order = desk.rest_one()
    edited(desk, order, "0.2", "0.0125")
    gone = shown(
        desk, order, "0.1", "0.0120", state=OrderState.CANCELLED,
        cancel_reason="edit_post_only_reject",
    )  # fmt: skip
    desk.feed(Reported(gone))
    assert (outcomes(desk), desk.phase(order)) == ([False], "CANCELLED")
    assert desk.state.durable.orders == {}
