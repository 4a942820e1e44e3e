"""What is not ours is shown, kept apart and decided on, and never in silence [C-509]."""

from decimal import Decimal

import pytest

from bot.core.effect import SendCancel
from bot.core.event import OperatorMode, Reported
from bot.core.exit_stranger import exits_of_strangers
from bot.core.record import OrderClassified, PositionClassified, Refused
from bot.core.risk import option_totals, risk_of
from bot.core.view import needed_names, view_of
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.order import OrderState, Role
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.domain.verdict import Verdict
from bot.portfolio.exposure import Exposure, Pending
from tests.bot.core.desk import Desk, folded, ready, restarted
from tests.bot.core.market import BTC, CALL, PERPETUAL
from tests.bot.core.stranger import decide, foreign_fill, foreign_order, prove, rearm, shown
from tests.bot.core.words import place, report_of

pytestmark = pytest.mark.rule("C-509")

ORDER = "sell 1 BTC-26JUN26-70000-C @ 0.014"
SHORT = "-0.4 BTC-26JUN26-70000-C"


def proofs(desk: Desk) -> set[str]:
    return {cause.reason.value for cause in desk.state.proofs.causes}


def ours(desk: Desk, name: str = CALL.name) -> Decimal:
    held = desk.state.durable.positions.get(name)  # type: ignore[call-overload]  # an id is a text
    return Decimal(0) if held is None else held.quantity


def short_by_hand(desk: Desk) -> None:
    """Somebody has sold 0.4 calls beside us, the owner has seen it, and all is proven."""
    foreign_fill(desk, Side.SELL, "0.4", trade="f-1")
    prove(desk)
    rearm(desk)
    prove(desk)
    desk.quote()
    desk.tick()


def unexplained(desk: Desk, amount: str = "-0.4") -> None:
    """The venue shows a position that no trade explains, again and again."""
    desk.positions[CALL.name] = Decimal(amount)
    prove(desk, 3, average="0.0110")


@pytest.mark.parametrize(
    ("verdict", "is_shut"),
    [(Verdict.ADOPT, False), (Verdict.IGNORE, False), (Verdict.CLOSE, True)],
)
def test_an_order_keeps_opens_shut_until_it_is_decided_on_or_gone(
    verdict: Verdict, is_shut: bool
) -> None:
    desk = ready()
    foreign_order(desk)
    assert proofs(desk) == {"FOREIGN_ORDER"}
    answer = decide(desk, verdict, "x-1", ORDER)
    assert answer.done
    assert ("FOREIGN_ORDER" in proofs(desk)) is is_shut
    assert shown(desk) == {"x-1": verdict.value}
    (record,) = [r for r in desk.records if isinstance(r, OrderClassified)]
    assert (record.by, record.why, record.seen) == ("ana", "known", ORDER)
    assert risk_of(desk.state, BTC).pending == (Pending(CALL.name, Decimal(-1)),)


def test_an_order_that_looks_otherwise_is_not_decided_on() -> None:
    desk = ready()
    foreign_order(desk, amount=Amount(Decimal(2)))
    answer = decide(desk, Verdict.IGNORE, "x-1", ORDER)
    assert not answer.done
    assert answer.refusals[0].startswith("CHANGED")
    assert decide(desk, Verdict.IGNORE, "y", ORDER).refusals[0].startswith("NOT_FOUND")
    assert proofs(desk) == {"FOREIGN_ORDER"}
    assert not any(isinstance(record, OrderClassified) for record in desk.records)


def test_an_ignored_order_that_changes_is_foreign_again() -> None:
    desk = ready()
    foreign_order(desk)
    decide(desk, Verdict.IGNORE, "x-1", ORDER)
    assert desk.state.proofs.is_open
    foreign_order(desk, price=Price(Decimal("0.0150")))
    assert proofs(desk) == {"FOREIGN_ORDER"}


def test_an_order_to_be_closed_is_cancelled_by_id_until_the_venue_shows_none() -> None:
    desk = ready()
    foreign_order(desk)
    desk.effects.clear()
    decide(desk, Verdict.CLOSE, "x-1", ORDER)
    (cancel,) = [e for e in desk.effects if isinstance(e, SendCancel)]
    assert cancel.intent.order_id == "x-1"
    desk.wait(1_000)
    desk.quote()
    desk.tick()
    assert len([e for e in desk.effects if isinstance(e, SendCancel)]) == 2
    foreign_order(desk, state=OrderState.CANCELLED)
    desk.tick()
    assert desk.state.proofs.is_open
    assert shown(desk) == {}


def test_an_order_nobody_decided_on_is_never_cancelled() -> None:
    desk = ready()
    foreign_order(desk)
    desk.feed(OperatorMode(request_id="m", mode=Mode.KILL, by="ana", why="stop"))
    desk.wait(1_000)
    desk.tick()
    assert desk.cancels() == []


def test_an_adopted_order_comes_off_with_our_own_and_its_fill_is_expected() -> None:
    desk = ready()
    foreign_order(desk)
    decide(desk, Verdict.ADOPT, "x-1", ORDER)
    foreign_fill(desk, Side.SELL, "0.3", trade="f-1", order_id="x-1")
    assert ours(desk) == Decimal("-0.3")
    assert desk.state.durable.mode is Mode.ACTIVE
    assert desk.cancels() == []
    desk.feed(OperatorMode(request_id="m", mode=Mode.REDUCE_ONLY, by="ana", why="stop"))
    assert [cancel.intent.order_id for cancel in desk.cancels()] == ["x-1"]


def test_the_fill_of_an_adopted_order_that_looks_otherwise_by_now_is_a_stranger_s() -> None:
    desk = ready()
    foreign_order(desk)
    decide(desk, Verdict.ADOPT, "x-1", ORDER)
    foreign_order(desk, amount=Amount(Decimal(3)))
    foreign_fill(desk, Side.SELL, "0.3", trade="f-1", order_id="x-1")
    assert ours(desk) == 0
    assert Reason.FOREIGN_FILL in desk.state.durable.causes


@pytest.mark.rule("C-504")
def test_the_venue_s_liquidation_closes_ours_first_and_never_turns_it() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    foreign_fill(desk, Side.SELL, "0.4", trade="f-1")
    foreign_fill(desk, Side.BUY, "0.3", trade="f-2", is_liquidation=True)
    assert ours(desk) == 0
    assert shown(desk) == {CALL.name: None}
    assert desk.state.durable.foreign.apart[CALL.name].amount == Decimal("-0.2")
    assert Reason.LIQUIDATED in desk.state.durable.causes


def test_a_second_order_under_our_label_is_not_the_operator_s_to_adopt() -> None:
    desk = ready()
    mine = desk.rest_one(order_id="o-1")
    desk.feed(Reported(report_of(mine, order_id="o-2")))
    seen = "sell 0.1 BTC-26JUN26-70000-C @ 0.012"
    assert not decide(desk, Verdict.ADOPT, "o-2", seen).done


@pytest.mark.rule("C-503")
@pytest.mark.parametrize(
    ("held", "side", "amount", "left", "apart"),
    [
        ("0", Side.SELL, "0.4", "0", "-0.4"),
        ("-0.3", Side.SELL, "0.4", "-0.3", "-0.4"),
        ("-0.3", Side.BUY, "0.2", "-0.1", "0"),  # somebody closes ours: it is closed
        ("-0.3", Side.BUY, "0.5", "0", "0.2"),
    ],
)
def test_a_stranger_s_trade_closes_ours_and_opens_only_its_own(
    held: str, side: Side, amount: str, left: str, apart: str
) -> None:
    desk = ready()
    if held != "0":
        desk.hold(CALL, Side.SELL, held[1:])
    foreign_fill(desk, side, amount, trade="f-1")
    assert ours(desk) == Decimal(left)
    known = desk.state.durable.foreign.apart.get(CALL.name)
    assert (known.amount if known else 0) == Decimal(apart)
    assert Reason.FOREIGN_FILL in desk.state.durable.causes
    prove(desk)
    assert desk.state.recon.differences == ()
    assert ("FOREIGN_POSITION" in proofs(desk)) is (apart != "0")


def test_a_stranger_s_trade_back_closes_its_own_before_ours() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    foreign_fill(desk, Side.SELL, "0.4", trade="f-1")
    foreign_fill(desk, Side.BUY, "0.4", trade="f-2")
    assert ours(desk) == Decimal("-0.3")
    assert shown(desk) == {}


@pytest.mark.rule("C-114")
def test_what_stands_apart_is_seen_by_no_strategy_and_counts_at_worst_case() -> None:
    desk = ready()
    foreign_fill(desk, Side.SELL, "0.4", trade="f-1")
    desk.quote()
    risk = risk_of(desk.state, BTC)
    assert view_of(desk.state, risk=risk, names=needed_names(desk.state)).held == {}
    exposure = risk.exposure()
    assert isinstance(exposure, Exposure)
    assert exposure.delta.now == 0
    assert exposure.delta.low < 0 == exposure.delta.high
    assert option_totals(desk.state, of=CALL) == (Decimal("0.4"), Decimal("0.4"))
    assert f"ticker.{CALL.name}.100ms" in desk.state.watched


def test_no_exit_counts_on_what_stands_apart() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    foreign_fill(desk, Side.SELL, "0.4", trade="f-1")
    closing = desk.open_one(place(CALL, Side.BUY, "0.5", "0.0130", is_exit=True))
    assert (closing.intent.role, closing.intent.amount) == (Role.CLOSE, Decimal("0.1"))


def test_an_adopted_position_is_ours_at_the_venue_s_average() -> None:
    desk = ready()
    short_by_hand(desk)
    assert proofs(desk) == {"FOREIGN_POSITION"}
    prove(desk, average="0.0115")
    assert decide(desk, Verdict.ADOPT, CALL.name, SHORT).done
    position = desk.state.durable.positions[CALL.name]
    assert position.quantity == Decimal("-0.4")
    (record,) = [r for r in desk.records if isinstance(r, PositionClassified)]
    assert (record.by, record.price, record.amount) == ("ana", Decimal("0.0115"), Decimal("-0.4"))
    prove(desk)
    desk.tick()
    assert desk.state.proofs.is_open
    assert shown(desk) == {}


def test_an_ignored_position_opens_the_latch_and_stays_apart() -> None:
    desk = ready()
    short_by_hand(desk)
    assert decide(desk, Verdict.IGNORE, CALL.name, SHORT).done
    prove(desk)
    desk.tick()
    assert desk.state.proofs.is_open
    assert ours(desk) == 0
    assert shown(desk) == {CALL.name: "ignore"}
    foreign_fill(desk, Side.SELL, "0.1", trade="f-2")
    assert "FOREIGN_POSITION" in proofs(desk)


def test_no_open_trades_against_an_ignored_position() -> None:
    desk = ready()
    short_by_hand(desk)
    decide(desk, Verdict.IGNORE, CALL.name, SHORT)
    prove(desk)
    desk.quote()
    desk.tick()
    before = len(desk.sent())
    desk.tick(place(CALL, Side.BUY, "0.1", "0.0130"))
    assert len(desk.sent()) == before
    refused = [r for r in desk.records if isinstance(r, Refused)]
    assert refused[-1].refusals[0][0] == Reason.FOREIGN_POSITION.value
    desk.open_one(place(CALL, Side.SELL, "0.1", "0.0120"))


@pytest.mark.rule("C-504")
def test_a_position_that_no_trade_explains_is_shown_once_it_stays_and_trips_once() -> None:
    desk = ready()
    desk.positions[CALL.name] = Decimal("-0.4")
    prove(desk, 2)
    assert shown(desk) == {}, "two differences may be a trade of ours on its way"
    prove(desk, average="0.0110")
    assert shown(desk) == {CALL.name: None}
    assert Reason.POSITION_MISMATCH in desk.state.durable.causes


@pytest.mark.rule("C-504")
@pytest.mark.parametrize("verdict", [Verdict.ADOPT, Verdict.IGNORE])
def test_a_mismatch_that_was_decided_on_does_not_trip_again_and_another_does(
    verdict: Verdict,
) -> None:
    desk = ready()
    unexplained(desk)
    assert decide(desk, verdict, CALL.name, SHORT).done
    prove(desk)
    rearm(desk)
    prove(desk, 5)
    assert desk.state.durable.mode is Mode.ACTIVE
    assert desk.state.recon.differences == ()
    desk.tick()
    assert desk.state.proofs.is_open
    desk.positions[CALL.name] = Decimal("-0.5")
    prove(desk, 3)
    assert Reason.POSITION_MISMATCH in desk.state.durable.causes
    assert shown(desk) == {CALL.name: None}


def test_a_position_is_not_adopted_without_a_price_nor_as_it_was_before() -> None:
    desk = ready()
    desk.positions[CALL.name] = Decimal("-0.4")
    prove(desk, 3)
    answer = decide(desk, Verdict.ADOPT, CALL.name, SHORT)
    assert "average price" in answer.refusals[0]
    answer = decide(desk, Verdict.ADOPT, CALL.name, "-0.3 BTC-26JUN26-70000-C")
    assert answer.refusals[0].startswith("CHANGED")
    assert ours(desk) == 0


@pytest.mark.rule("C-209")
def test_a_position_is_not_decided_on_while_our_own_trades_may_explain_it() -> None:
    desk = ready()
    order = desk.rest_one(place(amount="0.4"))
    unexplained(desk)
    desk.feed(Reported(report_of(order, filled=Amount(Decimal("0.4")), state=OrderState.FILLED)))
    answer = decide(desk, Verdict.ADOPT, CALL.name, SHORT)
    assert not answer.done
    assert order.label in answer.refusals[0]


@pytest.mark.rule("C-209")
def test_a_trade_that_is_told_late_is_not_counted_beside_what_it_explains() -> None:
    desk = ready()
    unexplained(desk)
    assert shown(desk) == {CALL.name: None}
    at_venue = dict(desk.positions)
    foreign_fill(desk, Side.SELL, "0.4", trade="f-1")
    desk.positions = at_venue
    assert decide(desk, Verdict.ADOPT, CALL.name, "-0.8 BTC-26JUN26-70000-C").refusals
    assert desk.state.durable.foreign.apart[CALL.name].amount == Decimal("-0.4")
    prove(desk)
    assert desk.state.recon.differences == ()


def test_a_position_to_be_closed_is_exited_through_the_door_and_never_beyond_itself() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.2")
    short_by_hand(desk)
    prove(desk, average="0.0115")
    decide(desk, Verdict.CLOSE, CALL.name, SHORT)
    desk.quote()
    desk.tick()
    closing = desk.sent()[-1]
    assert (closing.intent.role, closing.intent.side) == (Role.REDUCE, Side.BUY)
    assert closing.intent.amount == Decimal("0.4"), "0.6 are held, 0.2 of them our own"
    desk.wait(3_000)
    desk.quote()
    desk.tick()
    assert desk.sent()[-1] is closing, "one order at a time"
    desk.fill(closing, "0.4", trade="c-1")
    desk.wait(3_000)
    desk.quote()
    desk.tick()
    assert desk.sent()[-1] is closing
    assert ours(desk) == Decimal("-0.2")
    assert desk.state.durable.foreign.closing == {}


def test_what_is_closed_by_somebody_else_is_not_closed_twice() -> None:
    desk = ready()
    short_by_hand(desk)
    prove(desk, average="0.0115")
    assert exits_of_strangers(desk.state) == ()
    decide(desk, Verdict.CLOSE, CALL.name, SHORT)
    foreign_fill(desk, Side.BUY, "0.3", trade="f-2")
    assert desk.state.durable.foreign.closing == {CALL.name: Decimal("-0.1")}
    foreign_fill(desk, Side.BUY, "0.1", trade="f-3")
    assert desk.state.durable.foreign.closing == {}


def test_the_same_request_is_one_act_and_another_content_a_conflict() -> None:
    desk = ready()
    short_by_hand(desk)
    first = decide(desk, Verdict.IGNORE, CALL.name, SHORT)
    again = decide(desk, Verdict.IGNORE, CALL.name, SHORT)
    assert again.done
    assert again.seq <= first.seq
    assert len([r for r in desk.records if isinstance(r, PositionClassified)]) == 1
    other = decide(desk, Verdict.ADOPT, CALL.name, SHORT)
    assert other.refusals[0].startswith("CONFLICT")


@pytest.mark.rule("C-203")
def test_decisions_outlive_a_restart() -> None:
    desk = ready()
    short_by_hand(desk)
    decide(desk, Verdict.IGNORE, CALL.name, SHORT)
    order = foreign_order(desk)
    decide(desk, Verdict.IGNORE, "x-1", ORDER, request="q-0")
    assert folded(desk) == desk.state.durable
    new = restarted(desk)
    new.connect()
    new.gather(open_orders=(order,))
    new.tick()
    assert new.state.proofs.is_open, new.why_not()
    assert shown(new) == {"x-1": "ignore", CALL.name: "ignore"}
    assert decide(new, Verdict.IGNORE, CALL.name, SHORT).done
    assert not any(isinstance(record, PositionClassified) for record in new.records)


@pytest.mark.rule("C-109")
def test_a_hedge_is_proven_for_ours_alone_beside_a_stranger_s_future() -> None:
    desk = ready()
    foreign_fill(desk, Side.SELL, "20000", trade="f-1", of=PERPETUAL, price="60000")
    prove(desk, average="60000", name=PERPETUAL.name)
    rearm(desk)
    decide(desk, Verdict.IGNORE, PERPETUAL.name, "-20000 BTC-PERPETUAL", request="q-2")
    prove(desk)
    desk.hold(CALL, Side.SELL, "0.3")
    desk.quote()
    risk = risk_of(desk.state, BTC)
    assert view_of(
        desk.state, risk=risk, names=needed_names(desk.state)
    ).delta_total == pytest.approx(risk.units[CALL.name].delta * -0.3)
    hedge = desk.open_one(place(PERPETUAL, Side.BUY, "60000", "60000.5", is_exit=True))
    assert hedge.intent.role is Role.HEDGE
