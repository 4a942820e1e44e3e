"""What the venue says of orders: ours, changed, doubled, and other people's [C-509]."""

from decimal import Decimal

import pytest

from bot.core.effect import SendCancel
from bot.core.event import Reported
from bot.core.outcome import Rejected, Unsent
from bot.core.record import Anomaly
from bot.domain.ids import Label, OrderId
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.order import OrderState, TimeInForce
from bot.domain.reason import Reason
from bot.domain.side import Side
from tests.bot.core.desk import ready
from tests.bot.core.market import CALL, PUT
from tests.bot.core.words import place, report_of


@pytest.mark.rule("C-107")
@pytest.mark.parametrize(
    "changed",
    [
        {"price": Price(Decimal("0.0125"))},  # the venue clamps into its band
        {"amount": Amount(Decimal("0.2"))},
        {"amount": Amount(Decimal("0.05"))},  # cut, though it is not reduce-only
        {"side": Side.BUY},
        {"instrument": PUT.name},
        {"time_in_force": TimeInForce.IOC},
        {"time_in_force": None},  # a life that we cannot read
        {"post_only": True},
        {"reduce_only": True},
    ],
)
def test_an_order_other_than_the_one_sent_forces_reduce_only(changed: dict[str, object]) -> None:
    desk = ready()
    resting = desk.rest_one(order_id="o-1")
    order = desk.open_one()
    desk.say_ack(order, order_id="o-2", **changed)
    assert Reason.ORDER_CHANGED in desk.state.durable.causes
    assert desk.state.durable.mode is Mode.REDUCE_ONLY
    assert {cancel.intent.target for cancel in desk.cancels()} == {
        resting.intent_id,
        order.intent_id,
    }


@pytest.mark.rule("C-107")
def test_a_reduce_only_order_cut_by_the_venue_is_its_right() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    order = desk.open_one(place(CALL, Side.BUY, "0.3", "0.0130", is_exit=True))
    desk.say_ack(order, order_id="o-2", amount=Amount(Decimal("0.2")))
    assert desk.state.durable.causes == {}


@pytest.mark.rule("C-207")
def test_two_venue_orders_under_one_label_are_named_both_and_force_kill() -> None:
    desk = ready()
    order = desk.rest_one(order_id="o-1")
    for _ in range(3):
        desk.feed(Reported(report_of(order, order_id="o-2")))
    cause = desk.state.durable.causes[Reason.ORDER_DOUBLED]
    assert "o-1" in cause.detail
    assert "o-2" in cause.detail
    # However often it is told, it is one duplicate; and it rests, so that opens are shut for it.
    assert desk.state.counters.duplicate_dispatches == 1
    assert set(desk.state.foreign) == {OrderId("o-2")}
    assert "no stranger" in [cause.proof for cause in desk.state.proofs.causes]


@pytest.mark.rule("C-207")
def test_the_second_order_of_a_label_is_found_in_one_look_up_as_well() -> None:
    desk = ready()
    order = desk.open_one()
    desk.reconcile(
        by_label={order.label: (report_of(order, order_id="o-1"), report_of(order, order_id="o-2"))}
    )
    assert Reason.ORDER_DOUBLED in desk.state.durable.causes


@pytest.mark.rule("C-208")
def test_an_order_accepted_after_its_fence_kills() -> None:
    desk = ready()
    order = desk.open_one()
    late_ms = order.intent.valid_until_ms + 1_001
    desk.say_ack(order, created_ms=late_ms, updated_ms=late_ms)
    assert Reason.LATE_FILL in desk.state.durable.causes
    assert desk.state.durable.mode is Mode.KILL


@pytest.mark.rule("C-205")
def test_an_order_in_a_state_that_nobody_knows_counts_as_live() -> None:
    desk = ready()
    order = desk.rest_one()
    fresh = desk.open_one()
    desk.feed(Reported(report_of(fresh, order_id="o-2", state=OrderState.UNKNOWN)))
    assert desk.phase(fresh) == "ACKED"
    assert desk.phase(order) == "OPEN"


@pytest.mark.rule("C-204")
def test_what_was_rejected_and_shows_up_at_the_venue_is_live_and_recorded() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Rejected(code=10009, message="not_enough_funds"))
    desk.feed(Reported(report_of(order)))
    assert desk.phase(order) == "OPEN"
    assert desk.state.durable.orders[order.intent_id].remaining == Decimal("0.1")
    assert "REVIVED" in [r.code for r in desk.records if isinstance(r, Anomaly)]


@pytest.mark.rule("C-206")
@pytest.mark.rule("C-208")
@pytest.mark.parametrize("ended", ["ABSENT", "EXPIRED", "REJECTED"])
@pytest.mark.parametrize("how", ["open", "partial", "filled", "cancelled in part", "trade"])
def test_what_cannot_be_live_and_is_forces_kill(ended: str, how: str) -> None:
    desk = ready()
    order = desk.open_one()
    match ended:
        case "ABSENT":
            desk.answer_order(order, Unsent("no credits"))
        case "EXPIRED":
            desk.answer_order(order, Rejected(code=13888, message="timed_out", is_fence=True))
        case _:
            desk.answer_order(order, Rejected(code=10009, message="not_enough_funds"))
    assert desk.phase(order) == ended
    assert desk.state.durable.mode is Mode.ACTIVE
    half, whole = Amount(Decimal("0.05")), Amount(Decimal("0.1"))
    match how:
        case "open":
            desk.feed(Reported(report_of(order)))
        case "partial":
            desk.feed(Reported(report_of(order, filled=half)))
        case "filled":
            desk.feed(Reported(report_of(order, state=OrderState.FILLED, filled=whole)))
        case "cancelled in part":
            desk.feed(Reported(report_of(order, state=OrderState.CANCELLED, filled=half)))
        case _:
            desk.fill(order, "0.1", trade="late")
    assert desk.state.durable.mode is Mode.KILL
    assert set(desk.state.durable.causes) == {Reason.LATE_FILL}


@pytest.mark.rule("C-206")
def test_what_was_rejected_and_ended_untouched_is_recorded_and_forces_nothing() -> None:
    desk = ready()
    order = desk.open_one()
    desk.answer_order(order, Rejected(code=11054, message="post_only_reject"))
    desk.feed(Reported(report_of(order, state=OrderState.CANCELLED)))
    assert desk.state.durable.causes == {}
    assert "REVIVED" in [r.code for r in desk.records if isinstance(r, Anomaly)]


@pytest.mark.rule("C-206")
@pytest.mark.rule("C-209")
def test_what_was_cancelled_and_fills_on_is_booked_and_forces_kill() -> None:
    # As the venue tells of it: the order's new count first, then the trade.
    desk = ready()
    order = desk.rest_one()
    desk.feed(Reported(report_of(order, state=OrderState.CANCELLED)))
    assert desk.state.durable.mode is Mode.ACTIVE
    half = Amount(Decimal("0.05"))
    desk.feed(Reported(report_of(order, state=OrderState.CANCELLED, filled=half)))
    desk.fill(order, "0.05", trade="late")
    assert set(desk.state.durable.causes) == {Reason.LATE_FILL}
    assert desk.state.durable.positions[order.intent.instrument].quantity == Decimal("-0.05")


@pytest.mark.rule("C-209")
@pytest.mark.parametrize("is_fill_first", [True, False])
def test_a_cancel_that_comes_with_a_fill_forces_nothing(is_fill_first: bool) -> None:
    desk = ready()
    order = desk.rest_one()
    half = Amount(Decimal("0.05"))
    ended = report_of(order, state=OrderState.CANCELLED, filled=half)
    if is_fill_first:
        desk.fill(order, "0.05", trade="first")
        desk.feed(Reported(ended))
    else:
        desk.feed(Reported(ended))
        desk.fill(order, "0.05", trade="first")
    desk.feed(Reported(ended))
    assert desk.state.durable.causes == {}


@pytest.mark.rule("C-204")
def test_an_old_open_after_the_end_is_old_news() -> None:
    desk = ready()
    order = desk.rest_one()
    desk.feed(Reported(report_of(order, state=OrderState.CANCELLED)))
    before = len(desk.records)
    desk.feed(Reported(report_of(order)))
    assert desk.phase(order) == "CANCELLED"
    assert len(desk.records) == before


@pytest.mark.rule("C-509")
@pytest.mark.parametrize("label", [None, "by hand", "bd-ffffffff-" + "0" * 48])
def test_a_foreign_order_is_named_shuts_opens_and_is_never_cancelled(label: str | None) -> None:
    desk = ready()
    mine = desk.rest_one()
    stranger = report_of(mine, order_id="x", label=None if label is None else Label(label))
    for _ in range(2):
        desk.feed(Reported(stranger))
    (cause,) = desk.state.proofs.causes
    assert (cause.reason, cause.proof) == (Reason.FOREIGN_ORDER, "no stranger")
    assert [r.code for r in desk.records if isinstance(r, Anomaly)] == ["FOREIGN_ORDER"]
    assert not any(isinstance(effect, SendCancel) for effect in desk.effects)
    desk.feed(
        Reported(report_of(mine, order_id="x", label=stranger.label, state=OrderState.FILLED))
    )
    assert desk.state.proofs.is_open
