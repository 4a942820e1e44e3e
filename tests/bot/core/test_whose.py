"""What rests beside our orders counts as filled against us [C-108, C-114, C-509]."""

from decimal import Decimal

import pytest

from bot.core.event import OperatorRearm, Reported
from bot.core.facts import facts_of
from bot.core.outcome import Ambiguous
from bot.core.record import Refused
from bot.core.risk import option_totals, risk_of
from bot.core.whose import doubles, left_of, strangers
from bot.domain.ids import Label
from bot.domain.money import Amount, Price
from bot.domain.order import OrderState, Role
from bot.domain.reason import Reason
from bot.domain.report import OrderReport
from bot.domain.side import Side
from bot.portfolio.exposure import Pending
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import BTC, CALL, PERPETUAL, PUT
from tests.bot.core.words import fill_of, place, report_of


def stranger(desk: Desk, amount: str = "0.5", filled: str = "0.2", **fields: object) -> OrderReport:
    """Have somebody else's order rest in the call, part of it filled."""
    order = desk.rest_one(place(amount="0.1"), order_id="o-1")
    usual: dict[str, object] = {
        "order_id": "x",
        "label": None,
        "amount": Amount(Decimal(amount)),
        "filled": Amount(Decimal(filled)),
    }
    report = report_of(order, **{**usual, **fields})
    desk.feed(Reported(report))
    return report


@pytest.mark.rule("C-114")
@pytest.mark.parametrize("label", [None, "ours"])
def test_what_rests_beside_ours_counts_with_all_that_is_left_of_it(label: str | None) -> None:
    desk = ready()
    mine = desk.rest_one(place(amount="0.1"), order_id="o-1")
    report = report_of(
        mine,
        order_id="x",
        label=mine.label if label else None,
        amount=Amount(Decimal("0.5")),
        filled=Amount(Decimal("0.2")),
    )
    desk.feed(Reported(report))
    assert left_of(report) == Decimal("0.3")
    assert risk_of(desk.state, BTC).pending == (
        Pending(CALL.name, Decimal("-0.1")),
        Pending(CALL.name, Decimal("-0.3")),
    )
    assert option_totals(desk.state, of=CALL) == (Decimal("0.4"), Decimal("0.4"))
    assert [order.intent_id for order, _ in doubles(desk.state)] == (
        [mine.intent_id] if label else []
    )
    desk.feed(Reported(report_of(mine, order_id="x", label=None, state=OrderState.CANCELLED)))
    assert strangers(desk.state) == ()
    assert option_totals(desk.state, of=CALL) == (Decimal("0.1"), Decimal("0.1"))


@pytest.mark.rule("C-107")
def test_an_open_looks_at_a_stranger_s_price_and_an_exit_does_not() -> None:
    desk = ready()
    stranger(desk, side=Side.BUY, price=Price(Decimal("0.0110")))
    risk = risk_of(desk.state, BTC)
    seen = facts_of(desk.state, desk.sent()[-1].intent, CALL, risk=risk)
    assert [(own.side, own.is_known_to_rest) for own in seen.own] == [
        (Side.SELL, True),
        (Side.BUY, False),
    ]


@pytest.mark.rule("C-309")
def test_an_exit_goes_out_past_an_opposite_order_in_doubt() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    doubted = desk.open_one(place(CALL, Side.SELL, "0.1"))
    desk.answer_order(doubted, Ambiguous("silence"))
    closing = desk.open_one(place(CALL, Side.BUY, "0.3", "0.0130", is_exit=True))
    assert closing.intent.role is Role.CLOSE


@pytest.mark.rule("C-107")
def test_an_exit_does_not_meet_our_own_order_that_rests() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    desk.rest_one(place(CALL, Side.SELL, "0.1"), order_id="o-2")
    before = len(desk.sent())
    desk.tick(place(CALL, Side.BUY, "0.3", "0.0130", is_exit=True))
    assert len(desk.sent()) == before
    (refused,) = [r for r in desk.records if isinstance(r, Refused)]
    assert refused.refusals[0][0] == Reason.SELF_CROSS.value


@pytest.mark.rule("C-108")
def test_the_double_of_an_exit_leaves_no_room_for_a_second_exit() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    closing = desk.rest_one(place(CALL, Side.BUY, "0.1", "0.0120", is_exit=True), order_id="o-2")
    desk.feed(Reported(report_of(closing, order_id="o-3")))
    causes = desk.state.durable.causes.items()  # KILL: strategies are silent until the rearm
    seen = tuple((reason, cause.at_ms) for reason, cause in causes)
    desk.feed(OperatorRearm(request_id="a", by="me", why="test", looked_ms=desk.now_ms, seen=seen))
    another = desk.rest_one(place(CALL, Side.BUY, "0.3", "0.0120", is_exit=True), order_id="o-4")
    assert another.intent.amount == Decimal("0.1"), "0.3 are held, 0.1 and 0.1 may fill"


@pytest.mark.rule("C-108")
def test_a_stranger_does_not_use_up_our_exits() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    mine = desk.sent()[-1]
    by_hand = report_of(mine, order_id="x", label=Label("by hand"), side=Side.BUY)
    desk.feed(Reported(by_hand))
    closing = desk.open_one(place(CALL, Side.BUY, "0.3", "0.0130", is_exit=True))
    assert (closing.intent.amount, closing.intent.reduce_only) == (Decimal("0.3"), True)


@pytest.mark.rule("C-114")
def test_a_fill_of_a_double_leaves_the_first_order_its_whole_remainder() -> None:
    desk = ready()
    order = desk.rest_one(order_id="o-1")
    desk.feed(Reported(fill_of(order, "0.1", trade="t-1", order_id="o-2")))
    assert desk.state.durable.positions[CALL.name].quantity == Decimal("-0.1")
    assert desk.state.durable.orders[order.intent_id].remaining == Decimal("0.1")
    assert Reason.ORDER_DOUBLED in desk.state.durable.causes


def test_what_a_stranger_has_at_the_venue_is_watched() -> None:
    desk = ready(universe=lambda _all, _now, _params: frozenset())
    assert not any(CALL.name in channel for channel in desk.state.watched)
    desk.feed(Reported(_by_hand(desk)))
    desk.tick()
    assert f"ticker.{CALL.name}.100ms" in desk.state.watched
    assert f"ticker.{PERPETUAL.name}.100ms" in desk.state.watched


def _by_hand(desk: Desk) -> OrderReport:
    return OrderReport(
        order_id="x",  # type: ignore[arg-type]  # an id is a text
        label=None,
        instrument=CALL.name,
        side=Side.SELL,
        state=OrderState.OPEN,
        price=Price(Decimal("0.0140")),
        amount=Amount(Decimal(1)),
        filled=Amount(Decimal(0)),
        average=None,
        time_in_force=None,
        post_only=False,
        reduce_only=False,
        created_ms=desk.now_ms,
        updated_ms=desk.now_ms,
    )


@pytest.mark.rule("C-114")
@pytest.mark.parametrize(
    ("changed", "short"),
    [
        ({"amount": Amount(Decimal("0.4"))}, "0.5"),  # 0.1 as meant, and 0.4 as held
        ({"instrument": PUT.name, "amount": Amount(Decimal("0.4"))}, "0.5"),
        ({"amount": Amount(Decimal("0.05"))}, "0.1"),
        ({"price": Price(Decimal("0.0125"))}, "0.1"),
    ],
)
def test_an_order_that_the_venue_made_larger_or_moved_counts_as_it_is_held(
    changed: dict[str, object], short: str
) -> None:
    desk = ready()
    order = desk.open_one(place(amount="0.1"))
    desk.say_ack(order, **changed)
    assert option_totals(desk.state, of=CALL)[1] == Decimal(short)
    assert {cancel.intent.order_id for cancel in desk.cancels()} == {"o-1"}
    desk.feed(Reported(report_of(order, state=OrderState.CANCELLED, **changed)))
    assert option_totals(desk.state, of=CALL)[1] == 0
