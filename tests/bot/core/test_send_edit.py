"""What each answer to an edit does, and what stops one that waits [C-201, C-205, C-207, C-213]."""

from decimal import Decimal

import pytest

from bot.core.effect import SendOrder
from bot.core.event import Answered, CommitFailed, Committed, Disconnected, OperatorMode, Reported
from bot.core.outcome import Acked, Ambiguous, Outcome, Rejected, Unsent
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState, Role
from bot.domain.reason import Reason
from bot.domain.report import PlatformState
from bot.domain.side import Side
from bot.strategy.interface import Withdraw
from tests.bot.core.desk import Desk, folded, ready
from tests.bot.core.editing import (
    ack,
    amend,
    answer,
    edited,
    edits,
    known,
    outcomes,
    shown,
)
from tests.bot.core.market import CALL
from tests.bot.core.words import fill_of, place

REDUCE_ONLY = OperatorMode(request_id="r", mode=Mode.REDUCE_ONLY, by="me", why="test")


def held(desk: Desk, amount: str = "0.2", price: str = "0.0125") -> SendOrder:
    """Have an edit recorded whose barrier is still under way; return the order."""
    order = desk.rest_one(place(amount="0.3"))
    desk.wait(1_000)
    desk.quote()
    desk.is_holding = True
    desk.tick(amend(order, amount, price))
    assert known(desk, order).edit is not None, desk.why_not()
    return order


@pytest.mark.rule("C-201")
def test_no_edit_leaves_before_its_own_barrier_is_complete() -> None:
    desk = ready()
    held(desk)
    (batch,) = desk.held
    desk.feed(Committed(batch + 1))
    assert edits(desk) == []
    desk.release()
    desk.feed(Committed(batch))
    assert len(edits(desk)) == 1
    assert desk.state.counters.edits_dispatched == 1


@pytest.mark.rule("C-007")
@pytest.mark.parametrize(("price", "is_sent"), [("0.0125", False), ("0.0120", True)])
def test_at_the_barrier_a_shut_latch_stops_what_may_raise_exposure_and_nothing_else(
    price: str, is_sent: bool
) -> None:
    desk = ready()
    held(desk, "0.2", price)
    desk.feed(Reported(PlatformState(is_locked=True, is_maintenance=False)))
    desk.release()
    assert (len(edits(desk)) == 1) is is_sent
    assert outcomes(desk) == ([] if is_sent else [False])


@pytest.mark.rule("C-208")
def test_an_edit_whose_time_is_over_before_it_is_durable_is_not_sent() -> None:
    desk = ready()
    held(desk, "0.2", "0.0120")
    desk.wait(5_001)
    desk.release()
    assert (edits(desk), outcomes(desk)) == ([], [False])


def test_an_edit_to_what_has_filled_meanwhile_is_not_sent() -> None:
    desk = ready()
    order = held(desk, "0.2", "0.0120")
    desk.fill(order, "0.2", trade="t-1")
    desk.release()
    assert (edits(desk), outcomes(desk)) == ([], [False])


def test_an_edit_of_what_is_being_cancelled_meanwhile_is_not_sent() -> None:
    desk = ready()
    order = held(desk, "0.2", "0.0120")
    desk.tick(Withdraw(intent_id=order.intent_id, why="test"))
    desk.release()
    assert (edits(desk), outcomes(desk), len(desk.cancels())) == ([], [False], 1)


@pytest.mark.rule("C-212")
def test_an_edit_that_waits_for_a_ledger_that_fails_is_given_up() -> None:
    desk = ready()
    held(desk)
    (batch,) = desk.held
    desk.feed(CommitFailed("disk full"))
    desk.feed(Committed(batch))
    assert (edits(desk), outcomes(desk)) == ([], [False])


def test_an_answer_with_its_terms_brings_them_into_force() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.3", "0.0125")
    ack(desk, order, edit)
    now = known(desk, order)
    assert (now.terms.amount, now.terms.price, now.edit) == (
        Decimal("0.3"),
        Decimal("0.0125"),
        None,
    )
    assert now.remaining == Decimal("0.3")
    assert outcomes(desk) == [True]
    assert not desk.state.durable.causes
    assert folded(desk) == desk.state.durable


@pytest.mark.rule("C-209")
def test_an_edit_that_fills_at_once_ends_with_its_fills_booked_once() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.2", "0.0115")
    total = edit.intent.amount
    full = shown(desk, order, "0.2", "0.0115", filled=total, state=OrderState.FILLED)
    fill = fill_of(order, "0.2", trade="t-1", at_ms=desk.now_ms, price="0.0120")
    answer(desk, edit, Acked(order=full, fills=(fill,)))
    desk.feed(Reported(fill))
    assert desk.phase(order) == "FILLED"
    assert desk.state.durable.orders == {}
    assert desk.state.durable.positions[CALL.name].quantity == Decimal("-0.2")
    assert not desk.state.durable.causes


@pytest.mark.parametrize(
    ("amount", "price"),
    [("0.1", "0.0120"), ("0.2", "0.0120"), ("0.3", "0.0130"), ("0.2", "0.0130")],
)
def test_an_answer_with_other_terms_than_asked_for_is_a_changed_order(
    amount: str, price: str
) -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.2", "0.0125")
    answer(desk, edit, Acked(order=shown(desk, order, amount, price), fills=()))
    assert Reason.ORDER_CHANGED in desk.state.durable.causes
    assert known(desk, order).edit is not None, "what it is is not known: the worst case stays"


def test_a_definite_no_leaves_the_order_as_it_was() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.3", "0.0125")
    answer(desk, edit, Rejected(code=10009, message="not_enough_funds"))
    now = known(desk, order)
    assert (now.terms.amount, now.edit, now.remaining) == (Decimal("0.1"), None, Decimal("0.1"))
    assert (outcomes(desk), desk.phase(order)) == ([False], "OPEN")
    assert desk.state.cooling


def test_a_no_that_our_own_gates_should_have_given_is_counted() -> None:
    desk = ready()
    order = desk.rest_one()
    answer(desk, edited(desk, order), Rejected(code=10043, message="price_wrong_tick"))
    assert desk.state.counters.illegal_attempts == 1


DOUBTS = [
    Rejected(code=11044, message="not_open_order", needs_lookup=True),
    Rejected(code=11008, message="already_filled", needs_lookup=True),
    Rejected(code=13777, message="replaced", needs_lookup=True),
    Rejected(code=11054, message="post_only_reject", needs_lookup=True),
    Rejected(code=13888, message="timed_out", is_fence=True, needs_lookup=True),
    Ambiguous("no answer within 5 s"),
    Ambiguous("connection lost"),
]


@pytest.mark.rule("C-205")
@pytest.mark.parametrize("outcome", DOUBTS, ids=str)
def test_all_else_is_doubt_at_worst_case_and_is_looked_up(outcome: Outcome) -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.3", "0.0125")
    answer(desk, edit, outcome)
    now = known(desk, order)
    assert (now.remaining, outcomes(desk), desk.phase(order)) == (Decimal("0.3"), [], "OPEN")
    assert now.edit is not None
    asked = desk.state.recon.is_wanted or desk.state.recon.asked_mono_ms is not None
    assert asked
    assert order.label in desk.state.checks
    desk.wait(2_000)
    desk.quote()
    desk.tick()
    assert desk.asked().labels[0] == order.label


@pytest.mark.rule("C-205")
def test_a_success_that_is_about_another_order_is_doubt() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order)
    ack(desk, order, edit, order_id="o-9")
    assert known(desk, order).edit is not None
    assert known(desk, order).order_id == "o-1"


def test_what_surely_never_left_is_as_if_it_had_not_been_meant() -> None:
    desk = ready()
    order = desk.rest_one()
    answer(desk, edited(desk, order, "0.3"), Unsent("no credits"))
    assert (outcomes(desk), known(desk, order).remaining) == ([False], Decimal("0.1"))


@pytest.mark.rule("C-207")
def test_an_edit_in_doubt_is_never_sent_again() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order)
    answer(desk, edit, Ambiguous("silence"))
    desk.feed(Disconnected(1, "reset"))
    desk.connect(epoch=2)
    desk.reconcile()
    for _ in range(5):
        desk.wait(1_000)
        desk.quote()
        desk.tick(amend(order))
    assert len(edits(desk)) == 1


def test_an_answer_that_comes_after_the_proof_is_still_heard() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.3", "0.0125")
    answer(desk, edit, Rejected(code=10009, message="not_enough_funds"))
    # The venue contradicts itself: the order has other terms than those in force.
    answer(desk, edit, Acked(order=shown(desk, order, "0.3", "0.0125"), fills=()))
    assert Reason.ORDER_CHANGED in desk.state.durable.causes
    desk.feed(Answered(edit.intent_id, Ambiguous("late")))


def test_a_reduction_keeps_the_role_of_the_order() -> None:
    desk = ready()
    order = desk.rest_one(place(amount="0.3"))
    ack(desk, order, edited(desk, order, "0.2", "0.0120"))
    assert known(desk, order).terms.role is Role.OPEN
    assert not known(desk, order).is_exit


def test_a_fill_of_the_old_total_does_not_end_an_order_that_may_be_larger_by_now() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.2", "0.0120")
    desk.fill(order, "0.1", trade="t-1")
    assert (desk.phase(order), known(desk, order).remaining) == ("PARTIAL", Decimal("0.1"))
    ack(desk, order, edit, filled=Amount(Decimal("0.1")))
    desk.fill(order, "0.1", trade="t-2")
    assert desk.phase(order) == "FILLED"
    assert not desk.state.durable.causes


def test_a_reduction_to_what_has_filled_meanwhile_ends_the_order() -> None:
    desk = ready()
    order = desk.rest_one(place(amount="0.3"))
    edit = edited(desk, order, "0.2", "0.0120")
    desk.fill(order, "0.2", trade="t-1")
    assert known(desk, order).remaining == Decimal("0.1")
    ack(desk, order, edit, filled=Amount(Decimal("0.2")), state=OrderState.FILLED)
    assert desk.phase(order) == "FILLED"
    assert desk.state.durable.orders == {}


def test_an_edit_of_an_exit_is_let_out_in_reduce_only() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    exit_ = desk.rest_one(place(CALL, Side.BUY, "0.3", "0.0120", is_exit=True), order_id="o-2")
    desk.feed(REDUCE_ONLY)
    assert edited(desk, exit_, "0.3", "0.0125").intent.role is Role.CLOSE
