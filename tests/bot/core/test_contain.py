"""Resting opens come off, and the loop ends on the venue's word only [C-002, C-304, C-305]."""

from decimal import Decimal

import pytest

from bot.core.contain import RETRY_MS
from bot.core.event import Disconnected, OperatorDown, OperatorMode, Reported
from bot.core.outcome import Acked, Ambiguous, Outcome, Rejected, Swept, Unsent
from bot.core.record import IntentRecorded
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState, Role
from bot.domain.report import PlatformState
from bot.domain.side import Side
from bot.intent.intent import CancelIntent
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import CALL, PERPETUAL
from tests.bot.core.words import place, report_of


def tighten(desk: Desk, mode: Mode = Mode.REDUCE_ONLY) -> None:
    """Tighten as an operator."""
    desk.feed(OperatorMode(request_id="r", mode=mode, by="me", why="test"))


@pytest.mark.rule("C-305")
@pytest.mark.parametrize("mode", [Mode.REDUCE_ONLY, Mode.KILL])
def test_a_tighter_mode_cancels_every_resting_open(mode: Mode) -> None:
    desk = ready()
    orders = [desk.rest_one(place(), order_id=f"o-{n}") for n in range(3)]
    tighten(desk, mode)
    assert {cancel.intent.target for cancel in desk.cancels()} == {o.intent_id for o in orders}
    assert {cancel.intent.order_id for cancel in desk.cancels()} == {"o-0", "o-1", "o-2"}


@pytest.mark.rule("C-305")
@pytest.mark.parametrize("state", [OrderState.OPEN, OrderState.UNKNOWN])
@pytest.mark.parametrize("filled", ["0", "0.1"])
def test_an_open_is_cancelled_in_whatever_way_it_rests(state: OrderState, filled: str) -> None:
    desk = ready()
    order = desk.open_one(place(amount="0.3"))
    desk.say_ack(order, state=state, filled=Amount(Decimal(filled)))
    tighten(desk)
    assert [cancel.intent.target for cancel in desk.cancels()] == [order.intent_id]


@pytest.mark.rule("C-213")
def test_a_cancel_is_an_intent_that_is_durable_before_it_is_sent() -> None:
    desk = ready()
    desk.rest_one()
    desk.is_holding = True
    tighten(desk)
    assert desk.cancels() == []
    desk.release()
    (cancel,) = desk.cancels()
    recorded = [
        r.intent_id
        for r in desk.records
        if isinstance(r, IntentRecorded) and isinstance(r.intent, CancelIntent)
    ]
    assert recorded == [cancel.intent_id]


@pytest.mark.rule("C-305")
@pytest.mark.parametrize(
    "outcome",
    [
        None,
        Ambiguous("no answer"),
        Unsent("no credits"),
        Rejected(code=10028, message="too_many_requests"),
        Rejected(code=11044, message="not_open_order", needs_lookup=True),
    ],
)
def test_a_cancel_without_effect_is_asked_again_after_a_pause_until_it_has(
    outcome: Outcome | None,
) -> None:
    desk = ready()
    order = desk.rest_one()
    tighten(desk)
    for count in range(1, 8):
        assert len(desk.cancels()) == count, "no more than one a pause, and never none"
        if outcome is not None:
            desk.answer_order(desk.cancels()[-1], outcome)
        desk.tick()
        assert len(desk.cancels()) == count
        desk.wait(RETRY_MS)
        desk.quote()
        desk.tick()
    assert len({cancel.label for cancel in desk.cancels()}) == len(desk.cancels())
    last = desk.cancels()[-1]
    desk.answer_order(last, Acked(order=report_of(order, state=OrderState.CANCELLED), fills=()))
    desk.wait(5 * RETRY_MS)
    desk.tick()
    assert desk.cancels()[-1] is last
    assert desk.phase(order) == "CANCELLED"


@pytest.mark.rule("C-305")
def test_an_answer_of_success_that_still_shows_it_open_does_not_end_the_loop() -> None:
    desk = ready()
    order = desk.rest_one()
    tighten(desk)
    desk.answer_order(desk.cancels()[-1], Acked(order=report_of(order), fills=()))
    desk.wait(RETRY_MS)
    desk.tick()
    assert len(desk.cancels()) == 2


@pytest.mark.rule("C-305")
def test_the_loop_goes_on_over_a_reconnect() -> None:
    desk = ready()
    order = desk.rest_one()
    tighten(desk)
    desk.feed(Disconnected(1, "reset"))
    desk.wait(10 * RETRY_MS)
    desk.tick()
    assert len(desk.cancels()) == 1, "nothing is asked of a venue that is not there"
    desk.connect(epoch=2)
    assert [cancel.intent.target for cancel in desk.cancels()] == [order.intent_id] * 2


@pytest.mark.rule("C-305")
def test_an_open_that_comes_to_rest_after_the_kill_is_cancelled_too() -> None:
    desk = ready()
    order = desk.open_one()
    tighten(desk, Mode.KILL)
    assert desk.cancels() == []
    desk.feed(Reported(report_of(order)))
    assert [cancel.intent.target for cancel in desk.cancels()] == [order.intent_id]


@pytest.mark.rule("C-309")
def test_resting_exits_and_hedges_stay() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "1")
    # Short calls lean short; of what is wished as many are bought as bring delta to zero.
    hedge = desk.rest_one(
        place(PERPETUAL, Side.BUY, "60000", "60000.0", is_exit=True), order_id="o-3"
    )
    closing = desk.rest_one(place(CALL, Side.BUY, "1", "0.0120", is_exit=True), order_id="o-2")
    assert (closing.intent.role, hedge.intent.role) == (Role.CLOSE, Role.HEDGE)
    tighten(desk)
    assert desk.cancels() == []


@pytest.mark.rule("C-002")
def test_a_latch_shut_past_its_deadline_takes_resting_opens_off() -> None:
    desk = ready()
    order = desk.rest_one()
    desk.feed(Reported(PlatformState(is_locked=True, is_maintenance=False)))
    deadline_ms = desk.state.settings.policy.guard.latch_deadline_s * 1000
    desk.quote()
    desk.tick()
    shut_ms = desk.mono_ms
    while desk.mono_ms < shut_ms + deadline_ms:
        desk.wait(1_000)
        desk.quote()
        desk.tick()
        if desk.state.recon.asked_mono_ms is not None:
            desk.gather(by_label={order.label: (report_of(order),)})
    assert desk.cancels() == []
    desk.wait(1)
    desk.tick()
    assert [cancel.intent.target for cancel in desk.cancels()] == [order.intent_id]
    assert desk.state.durable.mode is Mode.ACTIVE


@pytest.mark.rule("C-305")
def test_many_resting_opens_come_off_at_a_bounded_rate() -> None:
    desk = ready()
    for n in range(12):
        desk.wait(1_100)
        desk.rest_one(place(), order_id=f"o-{n}")
    tighten(desk)
    for _ in range(4):
        desk.tick()
    assert len(desk.cancels()) == 10
    for cancel in desk.cancels():  # answers come at once: they make it no faster
        order = next(o for o in desk.sent() if o.intent_id == cancel.intent.target)
        gone = report_of(order, order_id=cancel.intent.order_id, state=OrderState.CANCELLED)
        desk.answer_order(cancel, Acked(order=gone, fills=()))
    assert len(desk.cancels()) == 10
    desk.wait(2_000)
    desk.tick()
    assert len({cancel.intent.target for cancel in desk.cancels()}) == 12


def test_an_end_of_the_run_takes_resting_exits_off_too_when_it_is_asked_to() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "1")
    closing = desk.rest_one(place(CALL, Side.BUY, "1", "0.0120", is_exit=True), order_id="o-2")
    desk.feed(OperatorDown(request_id=None, by="me", why="done", cancel_opens=True))
    assert [cancel.intent.target for cancel in desk.cancels()] == [closing.intent_id]


@pytest.mark.rule("C-205")
@pytest.mark.rule("C-305")
def test_an_open_in_doubt_is_cancelled_by_its_label_once_past_its_fence() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Ambiguous("silence"))
    tighten(desk, Mode.KILL)
    desk.wait(order.intent.valid_until_ms - desk.now_ms)
    desk.tick()
    assert desk.cancels() == [], "it may still arrive after its cancel"
    desk.wait(1)
    desk.tick()
    (cancel,) = desk.cancels()
    assert (cancel.intent.order_id, cancel.intent.target_label) == (None, order.label)
    assert (cancel.intent.target, cancel.currency) == (order.intent_id, "BTC")


@pytest.mark.rule("C-206")
@pytest.mark.parametrize("outcome", [Swept(0), Swept(1), Rejected(code=13666, message="x")])
def test_a_cancel_by_label_proves_nothing_and_is_looked_up(outcome: Outcome) -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Ambiguous("silence"))
    tighten(desk, Mode.KILL)
    desk.wait(order.intent.valid_until_ms + 1 - desk.now_ms)
    desk.tick()
    desk.gather()  # the look-up that the doubt had asked for, begun too early to prove anything
    asked = desk.asked().generation
    desk.answer_order(desk.cancels()[-1], outcome)
    assert desk.phase(order) == "UNKNOWN"
    desk.wait(1_000)
    desk.tick()
    assert desk.asked().generation == asked + 1
    assert order.label in desk.asked().labels
    gone = report_of(order, state=OrderState.CANCELLED)
    desk.gather(by_label={order.label: (gone,)})
    assert desk.phase(order) == "CANCELLED"


@pytest.mark.rule("C-305")
def test_cancels_by_label_go_on_at_the_pace_of_the_others_while_look_ups_fail() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Ambiguous("silence"))
    tighten(desk, Mode.KILL)
    desk.wait(order.intent.valid_until_ms + 1 - desk.now_ms)
    for count in range(1, 6):
        desk.tick()
        desk.answer_order(desk.cancels()[-1], Ambiguous("silence"))
        desk.wait(RETRY_MS - 1)
        desk.tick()
        assert len(desk.cancels()) == count
        if desk.state.recon.asked_mono_ms is not None:
            desk.gather(failures=("label: timeout",), by_label={})
        desk.wait(1)
    assert len({cancel.label for cancel in desk.cancels()}) == 5


@pytest.mark.rule("C-309")
def test_an_exit_in_doubt_is_left_alone() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "1")
    closing = desk.open_one(place(CALL, Side.BUY, "1", "0.0120", is_exit=True))
    desk.answer_order(closing, Ambiguous("silence"))
    tighten(desk, Mode.KILL)
    desk.wait(closing.intent.valid_until_ms + 1 - desk.now_ms)
    desk.tick()
    assert desk.cancels() == []


@pytest.mark.rule("C-207")
@pytest.mark.rule("C-305")
def test_the_second_order_of_a_label_is_cancelled_until_the_venue_shows_it_gone() -> None:
    desk = ready()
    order = desk.rest_one(order_id="o-1")
    second = report_of(order, order_id="o-2")
    desk.feed(Reported(second))
    assert {cancel.intent.order_id for cancel in desk.cancels()} == {"o-1", "o-2"}
    assert {cancel.intent.target_label for cancel in desk.cancels()} == {order.label}
    mine, theirs = sorted(desk.cancels(), key=lambda cancel: cancel.intent.order_id or "")
    desk.answer_order(mine, Acked(order=report_of(order, state=OrderState.CANCELLED), fills=()))
    desk.answer_order(theirs, Rejected(code=11044, message="not_open_order"))
    asked = len(desk.cancels())
    desk.wait(RETRY_MS - 1)
    desk.tick()
    assert len(desk.cancels()) == asked
    desk.wait(1)
    desk.tick()
    assert desk.cancels()[-1].intent.order_id == "o-2"
    assert len(desk.cancels()) == asked + 1
    gone = report_of(order, order_id="o-2", state=OrderState.CANCELLED)
    desk.answer_order(desk.cancels()[-1], Acked(order=gone, fills=()))
    desk.wait(RETRY_MS)
    desk.tick()
    assert len(desk.cancels()) == asked + 1
    assert desk.state.foreign == {}
    assert desk.state.doubled == {}


@pytest.mark.rule("C-207")
def test_the_double_of_an_exit_comes_off_and_the_exit_stays() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "1")
    closing = desk.rest_one(place(CALL, Side.BUY, "1", "0.0120", is_exit=True), order_id="o-1")
    desk.feed(Reported(report_of(closing, order_id="o-2")))
    assert [cancel.intent.order_id for cancel in desk.cancels()] == ["o-2"]


@pytest.mark.rule("C-305")
def test_what_surely_rests_is_not_kept_waiting_by_many_in_doubt() -> None:
    desk = ready()
    for _ in range(11):  # more than the venue takes cancels at a time
        doubted = desk.open_one()
        desk.answer_order(doubted, Ambiguous("silence"))
        desk.wait(1_000)
    resting = desk.rest_one(order_id="o-99")
    desk.wait(doubted.intent.valid_until_ms + 1 - desk.now_ms)
    tighten(desk, Mode.KILL)
    desk.tick()
    assert desk.cancels()[0].intent.target == resting.intent_id
    for _ in range(12):
        desk.wait(1_000)
        desk.tick()
    asked = {cancel.intent.target for cancel in desk.cancels()}
    assert len(asked) == 12, "and each of the others has its turn"


@pytest.mark.rule("C-208", "C-305")
def test_an_exit_that_the_venue_took_too_late_is_taken_off_in_every_mode() -> None:
    """Found by seed 117: it rested, and every rearm was answered by KILL again."""
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    exit_ = desk.open_one(place(CALL, Side.BUY, "0.3", "0.0100", is_exit=True))
    late_ms = exit_.intent.valid_until_ms + 1_001
    desk.say_ack(exit_, order_id="o-9", created_ms=late_ms, updated_ms=late_ms)
    assert [cancel.intent.target for cancel in desk.cancels()] == [exit_.intent_id]


@pytest.mark.rule("C-305")
def test_an_exit_that_came_in_time_rests_on_under_kill() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    exit_ = desk.open_one(place(CALL, Side.BUY, "0.3", "0.0100", is_exit=True))
    desk.say_ack(exit_, order_id="o-9")
    tighten(desk, Mode.KILL)
    assert desk.cancels() == []
