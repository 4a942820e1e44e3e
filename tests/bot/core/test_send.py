"""From durable to sent, and what each answer does [C-201, C-205, C-207, C-208]."""

from decimal import Decimal

import pytest

from bot.core.effect import Commit, Stop
from bot.core.event import (
    CommitFailed,
    Committed,
    Disconnected,
    LockLost,
    OperatorMode,
    Reported,
    ReserveFailed,
)
from bot.core.outcome import Acked, Ambiguous, Rejected, Unsent
from bot.core.record import IntentRecorded, Moved
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState, Role
from bot.domain.reason import Reason
from bot.domain.report import PlatformState
from bot.domain.side import Side
from bot.strategy.interface import Place
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import CALL, PERPETUAL
from tests.bot.core.words import place, report_of

KILL = OperatorMode(request_id="r", mode=Mode.KILL, by="me", why="test")


def decided(desk: Desk, wish: Place | None = None) -> None:
    """Have an intent recorded whose barrier is still under way."""
    desk.quote()
    desk.is_holding = True
    desk.tick(wish or place())
    assert desk.held, desk.why_not()


@pytest.mark.rule("C-201")
def test_nothing_is_sent_before_its_own_barrier_is_complete() -> None:
    desk = ready()
    decided(desk)
    (batch,) = desk.held
    assert desk.sent() == []
    for other in (batch - 1, batch + 1):
        desk.feed(Committed(other))
    assert desk.sent() == []
    desk.release()
    (order,) = desk.sent()
    recorded = next(r for r in desk.records if isinstance(r, IntentRecorded))
    assert (order.intent_id, order.label, order.intent) == (
        recorded.intent_id,
        recorded.label,
        recorded.intent,
    )


@pytest.mark.rule("C-701")
def test_intent_capsule_and_snapshot_are_one_transaction() -> None:
    desk = ready()
    desk.open_one()
    commit, entry = next(
        (effect, entry)
        for effect in desk.effects
        if isinstance(effect, Commit)
        for entry in effect.entries
        if isinstance(entry.record, IntentRecorded)
    )
    assert [body.hash for body in entry.bodies] == [entry.record.snapshot, entry.record.capsule]
    assert commit.last_seq <= desk.state.seq


@pytest.mark.rule("C-207")
def test_a_barrier_reported_twice_sends_once() -> None:
    desk = ready()
    decided(desk)
    (batch,) = desk.held
    desk.release()
    desk.feed(Committed(batch))
    assert len(desk.sent()) == 1
    assert desk.state.counters.duplicate_dispatches == 0


@pytest.mark.rule("C-007")
def test_a_kill_between_decision_and_barrier_stops_the_open() -> None:
    desk = ready()
    decided(desk)
    desk.feed(KILL)
    desk.release()
    assert desk.sent() == []
    order = next(iter(desk.state.durable.closed.values()))
    assert order.phase.value == "ABSENT"


@pytest.mark.rule("C-303")
def test_a_latch_shut_between_decision_and_barrier_stops_the_open() -> None:
    desk = ready()
    decided(desk)
    desk.feed(Disconnected(1, "reset"))
    desk.release()
    assert desk.sent() == []


@pytest.mark.rule("C-303")
def test_the_latch_is_judged_anew_at_the_barrier_and_not_taken_from_the_last_tick() -> None:
    desk = ready()
    decided(desk)
    desk.feed(Reported(PlatformState(is_locked=True, is_maintenance=False)))
    assert desk.state.proofs.is_open, "prices and states are judged at the next tick"
    desk.release()
    assert desk.sent() == []


@pytest.mark.rule("C-309")
@pytest.mark.parametrize("happening", [KILL, None])
def test_an_exit_goes_out_whatever_happened_before_its_barrier(happening: OperatorMode) -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    desk.reconcile()
    decided(desk, place(CALL, Side.BUY, "0.1", "0.0130", is_exit=True))
    if happening is not None:
        desk.feed(happening)
    desk.release()
    assert desk.sent()[-1].intent.role is Role.CLOSE
    assert desk.sent()[-1].intent.reduce_only


@pytest.mark.rule("C-208")
@pytest.mark.parametrize("late_ms", [0, 1, 20_000])
def test_nothing_is_sent_at_or_after_its_valid_until(late_ms: int) -> None:
    desk = ready()
    decided(desk)
    order = next(iter(desk.state.durable.orders.values()))
    desk.wait(order.intent.valid_until_ms - desk.now_ms + late_ms)
    desk.quote()
    desk.release()
    assert desk.sent() == []
    assert desk.state.durable.closed[order.intent_id].phase.value == "ABSENT"


@pytest.mark.rule("C-212")
def test_after_a_failed_commit_nothing_that_waited_is_ever_sent() -> None:
    desk = ready()
    decided(desk)
    batches = list(desk.held)
    desk.feed(CommitFailed("disk full"))
    assert desk.state.durable.mode is Mode.REDUCE_ONLY
    assert Reason.LEDGER_UNWRITABLE in desk.state.durable.causes
    for batch in [*batches, *desk.held]:
        desk.feed(Committed(batch))
    desk.wait(2_000)
    desk.quote()
    desk.tick(place())
    desk.release()
    assert desk.sent() == []


@pytest.mark.rule("C-212")
def test_an_exit_whose_commit_failed_is_not_sent_either() -> None:
    # Its row may be missing after a restart: the venue would hold what no ledger knows.
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    desk.reconcile()
    decided(desk, place(CALL, Side.BUY, "0.1", "0.0130", is_exit=True))
    before = len(desk.sent())
    desk.feed(CommitFailed("disk full"))
    desk.release()
    assert len(desk.sent()) == before


@pytest.mark.rule("C-212")
@pytest.mark.rule("C-309")
def test_after_a_failed_commit_an_exit_that_is_decided_anew_goes_out() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    desk.reconcile()
    before = len(desk.sent())
    desk.feed(CommitFailed("disk full"))
    desk.release()
    decided(desk, place(CALL, Side.BUY, "0.1", "0.0130", is_exit=True))
    desk.release()  # by the reserve file
    assert [order.intent.role for order in desk.sent()[before:]] == [Role.CLOSE]


@pytest.mark.rule("C-212")
def test_without_ledger_and_reserve_nothing_is_sent_and_the_run_ends() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    desk.reconcile()
    before = len(desk.sent())
    desk.feed(CommitFailed("disk full"))
    effects = desk.feed(ReserveFailed("I/O error"))
    assert desk.state.durable.mode is Mode.KILL
    assert [effect.why for effect in effects if isinstance(effect, Stop)] == [
        "nothing can be made durable: I/O error"
    ]
    desk.wait(2_000)
    desk.quote()
    desk.tick(place(CALL, Side.BUY, "0.1", "0.0130", is_exit=True))
    desk.release()
    assert len(desk.sent()) == before


@pytest.mark.rule("C-202")
def test_without_the_lock_nothing_is_sent_and_the_run_ends_once() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    desk.reconcile()
    before = len(desk.sent())
    why = "the ledger's lock was taken away"
    effects = desk.feed(LockLost(why))
    assert desk.state.durable.mode is Mode.KILL
    assert list(desk.state.durable.causes) == [Reason.LEDGER_LOCK_LOST]
    assert [effect for effect in effects if isinstance(effect, Stop | Commit)] == [Stop(why)]
    assert not [e for e in desk.feed(LockLost(why)) if isinstance(e, Stop | Commit)]
    desk.wait(2_000)
    desk.quote()
    desk.tick(place(CALL, Side.BUY, "0.1", "0.0130", is_exit=True))
    desk.release()
    assert len(desk.sent()) == before


@pytest.mark.rule("C-205")
@pytest.mark.parametrize(
    ("outcome", "phase"),
    [
        (Ambiguous("no answer within 5 s"), "UNKNOWN"),
        (Rejected(code=10009, message="not_enough_funds"), "REJECTED"),
        (Rejected(code=13888, message="timed_out", is_fence=True), "EXPIRED"),
        (Unsent("no connection"), "ABSENT"),
    ],
)
def test_each_answer_has_its_phase(outcome: Ambiguous | Rejected | Unsent, phase: str) -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, outcome)
    assert desk.phase(order) == phase


@pytest.mark.rule("C-107")
def test_an_answer_of_success_that_shows_a_cancelled_order_is_read_for_what_it_is() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Acked(order=report_of(order, state=OrderState.CANCELLED), fills=()))
    assert desk.phase(order) == "CANCELLED"


@pytest.mark.rule("C-205")
def test_an_answer_that_does_not_name_the_order_leaves_it_in_doubt() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Acked(order=report_of(order, label=None), fills=()))
    assert desk.phase(order) == "UNKNOWN"
    assert not desk.state.proofs.is_open


@pytest.mark.rule("C-205")
def test_a_lost_connection_puts_what_was_sent_in_doubt_and_resends_nothing() -> None:
    desk = ready()
    order = desk.open_one()
    desk.feed(Disconnected(1, "reset"))
    assert desk.phase(order) == "UNKNOWN"
    desk.connect(epoch=2)
    desk.gather()
    desk.wait(1_000)
    desk.tick()
    assert [sent.label for sent in desk.sent()] == [order.label]


@pytest.mark.rule("C-207")
def test_the_same_wish_twice_is_two_decisions_with_two_labels() -> None:
    desk = ready()
    first = desk.rest_one()
    second = desk.open_one()
    assert first.label != second.label
    assert second.intent.decision.sequence == first.intent.decision.sequence + 1


@pytest.mark.rule("C-105")
def test_an_illegal_order_that_reached_the_venue_is_counted() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Rejected(code=10022, message="wrong tick size"))
    assert desk.state.counters.illegal_attempts == 1


@pytest.mark.rule("C-203")
def test_a_late_answer_for_a_resolved_order_changes_nothing() -> None:
    desk = ready()
    order = desk.rest_one()
    before = len([r for r in desk.records if isinstance(r, Moved)])
    for outcome in (Ambiguous("late"), Rejected(code=1, message="late"), Unsent("late")):
        desk.answer_order(order, outcome)
    assert desk.phase(order) == "OPEN"
    assert len([r for r in desk.records if isinstance(r, Moved)]) == before


@pytest.mark.rule("C-114")
def test_the_remainder_stays_reserved_until_the_outcome_is_proven() -> None:
    desk = ready()
    order = desk.open_one(place(PERPETUAL, Side.BUY, "100", "60000.5"))
    known = desk.state.durable.orders[order.intent_id]
    assert known.remaining == Amount(Decimal(100))
    desk.answer_order(order, Ambiguous("silence"))
    assert desk.state.durable.orders[order.intent_id].remaining == Amount(Decimal(100))
    desk.fill(order, "40", trade="t-1")
    assert desk.state.durable.orders[order.intent_id].remaining == Amount(Decimal(60))
