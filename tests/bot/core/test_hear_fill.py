"""Fills: once, in any order and multiplicity, before acks and after cancels [C-204, C-209]."""

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.durable import TRADES_KEPT_MS, encode_state
from bot.core.effect import SendOrder
from bot.core.event import Reported
from bot.core.outcome import Acked, Rejected, Unsent
from bot.core.record import FillBooked
from bot.domain.ids import InstrumentName, LedgerId, OrderId
from bot.domain.mode import Environment, Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState
from bot.domain.ratio import ratio_of
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.intent.intent import Owner
from bot.intent.label import label_of
from tests.bot.core.desk import Desk, folded, ready
from tests.bot.core.market import CALL, PERPETUAL
from tests.bot.core.words import fill_of, place, report_of


def booked(desk: Desk) -> list[str]:
    """Name the trades that were booked."""
    return [record.fill.trade_id for record in desk.records if isinstance(record, FillBooked)]


def quantity(desk: Desk, name: InstrumentName = CALL.name) -> Decimal:
    """Read a position."""
    position = desk.state.durable.positions.get(name)
    return Decimal(0) if position is None else position.quantity


@pytest.mark.rule("C-209")
def test_a_trade_told_by_answer_stream_and_query_is_booked_once() -> None:
    desk = ready()
    order = desk.open_one()
    fill = fill_of(order, "0.1", trade="t-1")
    report = report_of(order, state=OrderState.FILLED, filled=Amount(Decimal("0.1")))
    desk.answer_order(order, Acked(order=report, fills=(fill, fill)))
    desk.feed(Reported(fill))
    desk.reconcile(trades=(fill,), positions={CALL.name: Decimal("-0.1")})
    assert booked(desk) == ["t-1"]
    assert quantity(desk) == Decimal("-0.1")


@pytest.mark.rule("C-204")
def test_every_order_of_acks_fills_and_ends_comes_to_the_same() -> None:  # F12
    def happenings(order: SendOrder) -> list[Reported]:
        half = Amount(Decimal("0.1"))
        return [
            Reported(report_of(order)),
            Reported(fill_of(order, "0.1", trade="t-1")),
            Reported(report_of(order, filled=half, updated_ms=order.intent.decided_ms + 6)),
            Reported(fill_of(order, "0.1", trade="t-2")),
            Reported(
                report_of(
                    order,
                    state=OrderState.CANCELLED,
                    filled=Amount(Decimal("0.2")),
                    updated_ms=order.intent.decided_ms + 9,
                )
            ),
        ]

    ends = set()
    for turns in permutations(range(5)):
        desk = ready()
        order = desk.open_one(place(amount="0.3"))
        told = happenings(order)
        for number in turns:
            desk.feed(told[number])
        known = desk.state.durable.closed[order.intent_id]
        position = desk.state.durable.positions[CALL.name]
        ends.add((known.phase, known.filled, known.reported, known.remaining, str(position)))
        assert desk.state.durable.causes == {}, turns
    assert len(ends) == 1
    ((phase, filled, reported, remaining, _),) = ends
    assert (phase.value, filled, reported, remaining) == (
        "CANCELLED",
        Decimal("0.2"),
        Decimal("0.2"),
        0,
    )


@pytest.mark.rule("C-209")
@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.FILLED])
def test_a_fill_that_the_ended_order_had_counted_is_booked_in_peace(state: OrderState) -> None:
    desk = ready()
    order = desk.rest_one()
    desk.feed(Reported(report_of(order, state=state, filled=Amount(Decimal("0.1")))))
    desk.fill(order, "0.1", trade="t-1")
    assert booked(desk) == ["t-1"]
    assert desk.state.durable.causes == {}


@pytest.mark.rule("C-208")
@pytest.mark.parametrize("how", ["CANCELLED", "REJECTED", "EXPIRED", "ABSENT", "FILLED"])
def test_a_fill_beyond_what_the_ended_order_had_counted_is_booked_and_kills(how: str) -> None:
    # O8, F13
    desk = ready()
    order = desk.open_one()
    match how:
        case "CANCELLED":
            desk.answer_order(
                order, Acked(order=report_of(order, state=OrderState.CANCELLED), fills=())
            )
        case "REJECTED":
            desk.answer_order(order, Rejected(code=10009, message="not_enough_funds"))
        case "EXPIRED":
            desk.answer_order(order, Rejected(code=13888, message="timed_out", is_fence=True))
        case "ABSENT":
            desk.answer_order(order, Unsent("no connection"))
        case _:
            desk.fill(order, "0.1", trade="t-0")
    before = quantity(desk)
    assert desk.phase(order) == how
    desk.fill(order, "0.1", trade="t-1")
    assert quantity(desk) == before - Decimal("0.1")
    assert Reason.LATE_FILL in desk.state.durable.causes
    assert desk.state.durable.mode is Mode.KILL


@pytest.mark.rule("C-503")
def test_a_fill_of_no_order_of_ours_is_booked_and_named() -> None:
    desk = ready()
    order = desk.open_one()
    stranger = msgspec.structs.replace(
        fill_of(order, "0.1", trade="t-9"), label=None, order_id=OrderId("not-ours")
    )
    desk.feed(Reported(stranger))
    assert desk.state.durable.foreign.apart[CALL.name].amount == Decimal("-0.1")
    assert quantity(desk) == 0, "it is booked, and kept apart from ours [C-509]"
    assert desk.state.durable.mode is Mode.REDUCE_ONLY
    assert Reason.FOREIGN_FILL in desk.state.durable.causes
    assert desk.phase(order) == "SENT"


@pytest.mark.rule("C-509")
def test_a_label_of_another_ledger_is_not_taken_for_ours() -> None:
    desk = ready()
    order = desk.open_one()
    other = Owner(
        environment=Environment.DEV,
        account=desk.first.owner.account,
        ledger=LedgerId("ffffffff" + "0" * 24),
    )
    theirs = label_of(order.intent_id, owner=other)
    desk.feed(Reported(fill_of(order, "0.1", trade="t-1", order_id="x", label=theirs)))
    assert desk.phase(order) == "SENT"
    assert Reason.FOREIGN_FILL in desk.state.durable.causes


@pytest.mark.rule("C-209")
def test_a_fill_without_its_label_is_found_by_order_id() -> None:
    desk = ready()
    order = desk.rest_one(order_id="o-7")
    fill = msgspec.structs.replace(fill_of(order, "0.1", trade="t-1", order_id="o-7"), label=None)
    desk.feed(Reported(fill))
    assert desk.phase(order) == "FILLED"
    assert desk.state.durable.causes == {}


@pytest.mark.rule("C-209")
def test_a_trade_too_old_to_be_told_from_a_repeated_one_is_not_booked_again() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1", trade="t-1")
    first = next(record.fill for record in desk.records if isinstance(record, FillBooked))
    desk.wait(TRADES_KEPT_MS + 1)
    order = desk.state.durable.closed[next(iter(desk.state.durable.closed))]
    later = msgspec.structs.replace(first, trade_id="t-2", at_ms=desk.now_ms)
    assert order.remaining == 0
    desk.feed(Reported(later))
    desk.feed(Reported(first))
    assert booked(desk) == ["t-1", "t-2"]
    assert quantity(desk) == Decimal("-0.2")


@pytest.mark.rule("C-504")
def test_a_liquidation_by_the_venue_is_booked_and_kills() -> None:
    desk = ready()
    order = desk.open_one()
    fill = msgspec.structs.replace(
        fill_of(order, "0.1", trade="t-1", order_id="liq"), label=None, is_liquidation=True
    )
    desk.feed(Reported(fill))
    assert quantity(desk) == Decimal("-0.1")
    assert Reason.LIQUIDATED in desk.state.durable.causes


DELIVERIES = st.lists(st.integers(0, 5), min_size=6, max_size=14).filter(
    lambda told: set(told) == set(range(6))
)


@pytest.mark.rule("C-209")
@given(DELIVERIES)
def test_any_order_and_multiplicity_of_deliveries_ends_in_the_same_positions(
    told: list[int],
) -> None:
    desk = ready()
    sell = desk.rest_one(place(amount="1"), order_id="o-1")
    buy = desk.rest_one(place(PERPETUAL, Side.BUY, "300", "60000.5"), order_id="o-2")
    fills = [
        fill_of(sell, "0.3", trade="1"),
        fill_of(sell, "0.3", trade="2", price="0.0125"),
        fill_of(sell, "0.4", trade="3", price="0.0130"),
        fill_of(buy, "100", trade="4", order_id="o-2", price="60000.0"),
        fill_of(buy, "50", trade="5", order_id="o-2"),
        fill_of(buy, "150", trade="6", order_id="o-2", price="59999.5"),
    ]
    for number in told:
        desk.feed(Reported(fills[number]))
    positions = desk.state.durable.positions
    assert (positions[CALL.name].quantity, positions[PERPETUAL.name].quantity) == (-1, 300)
    # 0.3·0.0120 + 0.3·0.0125 + 0.4·0.0130; 100/60000 + 50/60000.5 + 150/59999.5
    assert ratio_of(positions[CALL.name].cost) == Fraction("-0.01255")
    assert ratio_of(positions[PERPETUAL.name].cost) == (
        Fraction(100, 60000)
        + Fraction(50) / Fraction("60000.5")
        + Fraction(150) / Fraction("59999.5")
    )
    assert positions[CALL.name].fees == Decimal("0.00009")
    assert {desk.phase(sell), desk.phase(buy)} == {"FILLED"}
    assert encode_state(folded(desk)) == encode_state(desk.state.durable)


@pytest.mark.rule("C-209")
def test_after_a_long_absence_a_trade_heard_first_does_not_hide_the_older_ones() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1", trade="t-1")
    first = next(record.fill for record in desk.records if isinstance(record, FillBooked))
    away_ms = TRADES_KEPT_MS + 60_000
    unheard = msgspec.structs.replace(first, trade_id="t-2", at_ms=first.at_ms + 30_000)
    desk.wait(away_ms)
    live = msgspec.structs.replace(first, trade_id="t-3", at_ms=desk.now_ms)
    desk.feed(Reported(live))
    desk.feed(Reported(unheard))
    desk.feed(Reported(first))
    assert booked(desk) == ["t-1", "t-3", "t-2"]


@pytest.mark.rule("C-503")
def test_a_report_from_before_the_fill_does_not_make_the_order_undead() -> None:
    desk = ready()
    order = desk.rest_one(order_id="o-1")
    placed_ms = desk.now_ms
    desk.wait(60_000)
    desk.fill(order, "0.1", trade="t-1", order_id="o-1")
    assert desk.phase(order) == "FILLED"
    desk.feed(Reported(report_of(order, order_id="o-1", updated_ms=placed_ms)))
    assert desk.state.durable.causes == {}
    assert desk.phase(order) == "FILLED"
