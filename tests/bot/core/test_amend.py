"""From the wish to change an order to a recorded edit: judged at both versions [C-108, C-213]."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.capsule import Capsule
from bot.core.effect import Commit
from bot.core.event import CommitFailed, OperatorMode, Reported
from bot.core.record import IntentRecorded
from bot.core.risk import risk_of
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState, Role, TimeInForce
from bot.domain.reason import Reason
from bot.domain.report import PlatformState
from bot.domain.side import Side
from bot.intent.intent import EditIntent
from bot.intent.label import label_of
from bot.strategy.interface import Amend, Withdraw
from tests.bot.core.desk import Desk, folded, ready
from tests.bot.core.editing import (
    ack,
    amend,
    ask_edit,
    edited,
    edits,
    known,
    outcomes,
    refused,
    shown,
)
from tests.bot.core.market import BTC, CALL, PERPETUAL
from tests.bot.core.words import place, report_of

SHUT = PlatformState(is_locked=True, is_maintenance=False)


def pending(desk: Desk) -> list[tuple[str, Decimal]]:
    """Return what counts as still to be filled, signed."""
    return [(order.instrument, order.signed) for order in risk_of(desk.state, BTC).pending]


@pytest.mark.rule("C-213")
def test_an_edit_is_an_intent_with_capsule_snapshot_and_an_identity_of_its_own() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.2", "0.0125")
    commit, entry = next(
        (effect, entry)
        for effect in desk.effects
        if isinstance(effect, Commit)
        for entry in effect.entries
        if isinstance(entry.record, IntentRecorded) and isinstance(entry.record.intent, EditIntent)
    )
    record = entry.record
    assert isinstance(record, IntentRecorded)
    assert [body.hash for body in entry.bodies] == [record.snapshot, record.capsule]
    assert commit.last_seq <= desk.state.seq
    assert (edit.intent_id, edit.label, edit.intent) == (
        record.intent_id,
        record.label,
        record.intent,
    )
    assert edit.label == label_of(edit.intent_id, owner=edit.intent.owner) != order.label
    intent = edit.intent
    assert (intent.order_id, intent.target, intent.target_label) == (
        "o-1",
        order.intent_id,
        order.label,
    )
    assert (intent.amount, intent.price, intent.role) == (
        Decimal("0.2"),
        Decimal("0.0125"),
        Role.OPEN,
    )
    capsule = msgspec.json.decode(entry.bodies[1].content, type=Capsule)
    assert capsule.edit == intent
    assert isinstance(capsule.wish, Amend)
    assert {name for name, _ in capsule.gates} >= {"mode", "latch", "exposure", "margin", "ledger"}
    assert all(refusal is None for _, refusal in capsule.gates)
    assert folded(desk) == desk.state.durable


@pytest.mark.rule("C-108")
@pytest.mark.parametrize(
    ("amount", "price", "counted"),
    [
        ("0.3", "0.0125", "0.3"),  # the larger of both
        ("0.1", "0.0125", "0.2"),  # smaller, and it may not be applied
        ("0.2", "0.0125", "0.2"),  # once, not twice
    ],
)
def test_both_versions_count_once_at_the_larger_remainder(
    amount: str, price: str, counted: str
) -> None:
    desk = ready()
    order = desk.rest_one(place(amount="0.2"))
    edited(desk, order, amount, price)
    assert pending(desk) == [(CALL.name, -Decimal(counted))]


@pytest.mark.rule("C-114")
def test_a_raise_beyond_a_limit_is_refused_by_the_gates_of_opens() -> None:
    desk = ready()
    order = desk.rest_one()
    assert ask_edit(desk, order, "100", "0.0120") is None
    assert refused(desk) == Reason.DEPTH_THIN.value
    assert known(desk, order).edit is None
    codes = {code for record in desk.records for code, _, _ in getattr(record, "refusals", ())}
    assert {"SIZE_ORDER", "DELTA_LIMIT"} <= codes


@pytest.mark.rule("C-303")
def test_while_opens_are_shut_a_raise_and_a_new_price_are_refused_and_a_reduction_is_not() -> None:
    desk = ready()
    order = desk.rest_one(place(amount="0.3"))
    desk.feed(Reported(SHUT))
    assert ask_edit(desk, order, "0.4", "0.0120") is None
    assert refused(desk) is not None
    assert ask_edit(desk, order, "0.3", "0.0125") is None
    assert ask_edit(desk, order, "0.2", "0.0125") is None, "less, but at another price"
    edit = edited(desk, order, "0.2", "0.0120")
    assert edit.intent.role is Role.CANCEL


@pytest.mark.rule("C-309")
def test_a_reduction_needs_no_market() -> None:
    desk = ready()
    order = desk.rest_one(place(amount="0.3"))
    desk.wait(60_000)  # every price is stale
    desk.tick(amend(order, "0.2", "0.0120"))
    assert len(edits(desk)) == 1


@pytest.mark.rule("C-212")
def test_without_a_ledger_less_goes_by_the_reserve_and_more_does_not() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    exit_ = desk.rest_one(place(CALL, Side.BUY, "0.3", "0.0120", is_exit=True), order_id="o-2")
    desk.feed(CommitFailed("disk full"))
    assert ask_edit(desk, exit_, "0.4", "0.0120") is None
    assert ask_edit(desk, exit_, "0.2", "0.0120") is not None


@pytest.mark.rule("C-309")
def test_an_exit_stays_an_exit_at_another_price_while_opens_are_shut() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    exit_ = desk.rest_one(place(CALL, Side.BUY, "0.3", "0.0120", is_exit=True), order_id="o-2")
    desk.feed(Reported(SHUT))
    edit = edited(desk, exit_, "0.3", "0.0125")
    assert edit.intent.role is Role.CLOSE
    assert edit.intent.reduce_only


@pytest.mark.rule("C-108")
def test_an_exit_raised_beyond_what_is_held_is_an_open() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    exit_ = desk.rest_one(place(CALL, Side.BUY, "0.3", "0.0120", is_exit=True), order_id="o-2")
    edit = edited(desk, exit_, "0.4", "0.0120")
    assert edit.intent.role is Role.OPEN
    assert not known(desk, exit_).is_exit
    ack(desk, exit_, edit, order_id="o-2")
    assert known(desk, exit_).terms.role is Role.OPEN


@pytest.mark.rule("C-108")
def test_what_the_venue_does_not_hold_to_being_an_exit_is_an_open() -> None:
    desk = ready()
    buy = desk.rest_one(place(CALL, Side.BUY, "0.2", "0.0110"), order_id="o-2")
    desk.hold(CALL, Side.SELL, "0.3")
    assert edited(desk, buy, "0.2", "0.0115").intent.role is Role.OPEN


@pytest.mark.parametrize(
    ("amount", "price", "reason"),
    [
        ("0.05", "0.0120", Reason.SIZE_BELOW_MIN),
        ("0.2", "0.0120", Reason.ILLEGAL_ORDER),  # as much has filled
        ("0.3", "0.0120", Reason.ILLEGAL_ORDER),  # it is so already
    ],
)
def test_what_the_venue_does_not_define_is_never_sent(
    amount: str, price: str, reason: Reason
) -> None:
    desk = ready()
    order = desk.rest_one(place(amount="0.3"))
    desk.fill(order, "0.2", trade="t-1")
    assert ask_edit(desk, order, amount, price) is None
    assert refused(desk) == reason.value


@pytest.mark.rule("C-105")
def test_amount_and_price_go_to_the_grid() -> None:
    desk = ready()
    order = desk.rest_one()
    intent = edited(desk, order, "0.29", "0.01241").intent
    # the option's amounts step by 0.1, its prices by 0.0005 here: less, and not given away
    assert (intent.amount, intent.price) == (Decimal("0.2"), Decimal("0.0125"))


def test_one_edit_at_a_time() -> None:
    desk = ready()
    order = desk.rest_one()
    edit = edited(desk, order, "0.2", "0.0120")
    assert ask_edit(desk, order, "0.3", "0.0120") is None
    ack(desk, order, edit)
    assert ask_edit(desk, order, "0.3", "0.0120") is not None


def test_no_edit_of_what_does_not_rest_or_is_being_cancelled() -> None:
    desk = ready()
    unanswered = desk.open_one()
    assert ask_edit(desk, unanswered) is None
    desk.say_ack(unanswered)
    desk.tick(Withdraw(intent_id=unanswered.intent_id, why="test"))
    assert len(desk.cancels()) == 1
    assert ask_edit(desk, unanswered) is None
    desk.feed(Reported(report_of(unanswered, state=OrderState.CANCELLED)))
    assert ask_edit(desk, unanswered) is None
    fleeting = desk.rest_one(place(time_in_force=TimeInForce.IOC), order_id="o-2")
    assert ask_edit(desk, fleeting) is None


@pytest.mark.rule("C-213")
def test_a_cancel_waits_for_no_edit() -> None:
    desk = ready()
    order = desk.rest_one()
    edited(desk, order)
    desk.tick(Withdraw(intent_id=order.intent_id, why="test"))
    assert len(desk.cancels()) == 1


@pytest.mark.rule("C-107")
@pytest.mark.parametrize(("first", "then"), [("0.0130", "0.0120"), ("0.0120", "0.0130")])
def test_an_open_meets_neither_price_of_an_order_under_edit(first: str, then: str) -> None:
    desk = ready()
    order = desk.rest_one(place(price=first))
    edited(desk, order, "0.1", then)
    desk.wait(1_000)
    desk.quote()
    before = len(desk.sent())
    desk.tick(place(CALL, Side.BUY, "0.1", "0.0120"))
    assert len(desk.sent()) == before
    assert refused(desk) == Reason.SELF_CROSS.value


def test_containment_takes_off_an_exit_that_an_edit_may_have_made_an_open() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    exit_ = desk.rest_one(place(CALL, Side.BUY, "0.3", "0.0120", is_exit=True), order_id="o-2")
    edited(desk, exit_, "0.4", "0.0120")
    desk.feed(OperatorMode(request_id="r", mode=Mode.REDUCE_ONLY, by="me", why="test"))
    assert [cancel.intent.target for cancel in desk.cancels()] == [exit_.intent_id]


TENTHS = st.integers(1, 5).map(lambda n: Decimal(n) / 10)


@pytest.mark.rule("C-114")
@given(TENTHS, TENTHS, st.sampled_from(["0.0120", "0.0125"]), st.integers(0, 4), st.booleans())
def test_exposure_is_never_below_what_either_version_could_fill(
    first: Decimal, then: Decimal, price: str, trades: int, is_told: bool
) -> None:
    desk = ready()
    order = desk.rest_one(place(amount=str(first)))
    edit = ask_edit(desk, order, str(then), price)
    may_fill = max(first, then) if edit is not None else first
    filled = Decimal(0)
    for number in range(trades):
        if filled + Decimal("0.1") >= may_fill:
            break
        desk.fill(order, "0.1", trade=f"t-{number}")
        filled += Decimal("0.1")
        if is_told and filled < first:
            # A report that still shows the terms from before proves nothing of the edit.
            part = shown(desk, order, str(first), "0.0120", filled=Amount(filled))
            desk.feed(Reported(part))
        assert pending(desk) == [(CALL.name, -(may_fill - filled))]
    assert outcomes(desk) == []
    assert not desk.state.durable.causes
    assert folded(desk) == desk.state.durable


@pytest.mark.rule("C-109")
def test_a_hedge_is_judged_without_its_own_remainder() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "1")
    wish = place(PERPETUAL, Side.BUY, "60000", "60000.5", is_exit=True)
    hedge = desk.rest_one(wish, order_id="o-2")
    assert hedge.intent.role is Role.HEDGE
    # Beside its own remainder the same amount would be twice the hedge, and an open.
    edit = edited(desk, hedge, str(hedge.intent.amount), "60000.0")
    assert edit.intent.role is Role.HEDGE
