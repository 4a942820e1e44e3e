"""The guard's exits: down the ladder, never beyond the position, in every mode [C-403, C-304]."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from bot.core.close import begin_closing
from bot.core.effect import SendOrder
from bot.core.event import OperatorMode
from bot.core.outcome import Acked
from bot.core.record import CloseBegun, CloseEnded
from bot.core.turn import Turn
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.money import Amount
from bot.domain.order import OrderState, Role
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.policy.policy import Policy
from bot.policy.reaction import OnKill
from tests.bot.core.desk import POLICY, Desk, folded, ready, restarted
from tests.bot.core.market import CALL, PERPETUAL, PUT
from tests.bot.core.words import place, report_of


def close(desk: Desk, instrument: Instrument, amount: str | None = None) -> None:
    """Have the guard close this, as whoever asks does."""
    turn = Turn(desk.state)
    wished = None if amount is None else Amount(Decimal(amount))
    begin_closing(turn, instrument.name, amount=wished, by="owner", why="test")
    desk.state, effects = turn.close()
    desk.effects += effects
    for effect in effects:
        if hasattr(effect, "entries"):
            desk.records += [entry.record for entry in effect.entries]
    desk.is_holding = False


def steps(desk: Desk, count: int, *, ms: int = 2_000) -> list[SendOrder]:
    """Tick this often, nothing filling; return what was sent."""
    sent = len(desk.sent())
    for _ in range(count):
        desk.wait(ms)
        desk.quote()
        desk.tick()
        for order in desk.sent()[sent:]:
            if order.intent_id in desk.state.durable.orders:
                unfilled(desk, order)
    return desk.sent()[sent:]


def unfilled(desk: Desk, order: SendOrder) -> None:
    """Answer that an IOC has taken nothing."""
    number = f"o-{order.label[-6:]}"
    report = report_of(order, order_id=number, state=OrderState.CANCELLED)
    desk.answer_order(order, Acked(order=report, fills=()))


def kill(desk: Desk) -> None:
    """Have the operator ask for KILL."""
    desk.feed(OperatorMode(request_id="k", mode=Mode.KILL, by="owner", why="test"))


def with_on_kill(on_kill: OnKill) -> Policy:
    """Return the policy with another choice."""
    return msgspec.structs.replace(
        POLICY, guard=msgspec.structs.replace(POLICY.guard, on_kill=on_kill)
    )


@pytest.mark.rule("C-403")
def test_it_goes_down_the_ladder_one_step_every_two_seconds():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    sent = steps(desk, 8)
    # ask 0.0130, mark 0.0125: spread max(0.001, 2 ticks, 5 %) = 0.001 → +0, 1 tick, ¼, ½, 1, 2,
    # each up to the tick of 0.0005
    sent = [order for order in sent if order.intent.instrument == CALL.name]
    prices = [str(order.intent.price) for order in sent]
    assert prices == ["0.0130", "0.0135", "0.0135", "0.0135", "0.0140", "0.0150"]
    assert {order.intent.role for order in sent} == {Role.CLOSE}
    assert all(order.intent.reduce_only for order in sent)
    assert {order.intent.decision.strategy for order in sent} == {"guard"}
    assert len({order.label for order in sent}) == 6


@pytest.mark.rule("C-403")
def test_it_never_asks_for_more_than_is_held_and_stops_when_it_is_gone():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL, "5")
    assert desk.state.durable.closings[CALL.name].left == Decimal("0.3")
    first = desk_step(desk)
    assert first.intent.amount == Decimal("0.3")
    fill_and_end(desk, first, "0.2", trade="x-1")
    second = desk_step(desk)
    assert second.intent.amount == Decimal("0.1")
    fill_and_end(desk, second, "0.1", trade="x-2")
    assert not desk.state.durable.closings
    assert steps(desk, 3) == []


def desk_step(desk: Desk) -> SendOrder:
    before = len(desk.sent())
    desk.wait(2_000)
    desk.quote()
    desk.tick()
    assert len(desk.sent()) == before + 1, desk.why_not()
    return desk.sent()[-1]


def fill_and_end(desk: Desk, order: SendOrder, amount: str, *, trade: str) -> None:
    """Fill so much of an IOC and end it."""
    number = f"o-{trade}"
    desk.fill(order, amount, trade=trade, order_id=number)
    filled = Amount(Decimal(amount))
    is_whole = filled == order.intent.amount
    state = OrderState.FILLED if is_whole else OrderState.CANCELLED
    report = report_of(order, order_id=number, state=state, filled=filled)
    desk.answer_order(order, Acked(order=report, fills=()))


@pytest.mark.rule("C-403")
def test_part_of_a_position_is_closed_and_no_more():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.5")
    close(desk, CALL, "0.2")
    order = desk_step(desk)
    assert (order.intent.amount, order.intent.role) == (Decimal("0.2"), Role.REDUCE)
    fill_and_end(desk, order, "0.2", trade="x-1")
    assert not desk.state.durable.closings
    assert steps(desk, 2) == []
    assert desk.state.durable.positions[CALL.name].quantity == Decimal("-0.3")


@pytest.mark.rule("C-403", "C-207")
def test_an_exit_in_doubt_is_never_overlapped():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    desk_step(desk)  # its answer never comes
    for _ in range(4):
        desk.wait(2_000)
        desk.quote()
        desk.tick()
    assert len([o for o in desk.sent() if o.intent.decision.strategy == "guard"]) == 1


@pytest.mark.rule("C-403")
def test_a_strategy_s_resting_exit_is_taken_off_first():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    resting = desk.rest_one(place(CALL, Side.BUY, "0.3", "0.0100", is_exit=True), order_id="o-9")
    close(desk, CALL)
    desk.wait(2_000)
    desk.quote()
    desk.tick()
    assert [c.intent.target for c in desk.cancels()] == [resting.intent_id]
    assert desk.sent()[-1] is resting  # all of the position is spoken for until then


@pytest.mark.rule("C-403")
def test_a_strategy_s_wish_on_what_is_being_closed_is_refused():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    desk.wait(500)
    before = len(desk.sent())
    desk.quote()
    desk.tick(place(CALL, Side.BUY, "0.3", "0.0130", is_exit=True))
    assert all(o.intent.decision.strategy == "guard" for o in desk.sent()[before:])


@pytest.mark.rule("C-303", "C-403")
def test_nothing_opens_meanwhile_and_opens_come_back_by_proof():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    desk.wait(100)
    desk.quote()
    desk.tick(place(PUT, Side.SELL, "0.1", "0.0110"))
    assert "nothing closing" in {cause.proof for cause in desk.state.proofs.causes}
    assert all(o.intent.instrument != PUT.name for o in desk.sent())
    fill_and_end(desk, desk.sent()[-1], "0.3", trade="x-1")
    desk.quote()
    desk.tick()
    assert "nothing closing" not in {cause.proof for cause in desk.state.proofs.causes}


@pytest.mark.rule("C-402")
def test_what_cannot_be_closed_calls_a_person_and_is_hedged():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    sent = steps(desk, 9)
    assert desk.state.durable.causes[Reason.EXIT_FAILED].mode is Mode.REDUCE_ONLY
    hedges = [order for order in sent if order.intent.instrument == PERPETUAL.name]
    assert hedges
    first = hedges[0].intent
    # a short call is short delta: the hedge buys; 10 bp of 60000.25 above the ask, up to the tick
    assert (first.side, first.role) == (Side.BUY, Role.HEDGE)
    assert str(first.price) == "60061.0"
    # the second gives way by 25 bp, the third by 50
    assert [str(order.intent.price) for order in hedges[1:3]] == ["60151.0", "60301.0"]


@pytest.mark.rule("C-403")
def test_after_the_ladder_it_waits_a_minute_and_begins_anew():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    steps(desk, 7)
    calls = [o for o in steps(desk, 28) if o.intent.instrument == CALL.name]
    assert calls == []
    again = [o for o in steps(desk, 3) if o.intent.instrument == CALL.name]
    assert str(again[0].intent.price) == "0.0130"


@pytest.mark.rule("C-403", "C-308")
def test_a_restart_goes_on_at_the_same_step():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    steps(desk, 2)
    assert desk.state.durable.closings == folded(desk).closings
    new = restarted(desk)
    new.connect()
    new.gather()
    order = desk_step(new)
    assert str(order.intent.price) == "0.0135"  # the third step
    assert order.label not in {old.label for old in desk.sent()}


@pytest.mark.rule("C-403")
def test_dust_is_left_and_said():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    closing = desk.state.durable.closings[CALL.name]
    small = msgspec.structs.replace(closing, left=Amount(Decimal("0.05")))
    durable = msgspec.structs.replace(desk.state.durable, closings={CALL.name: small})
    desk.state = replace(desk.state, durable=durable)
    assert steps(desk, 1) == []
    assert any(isinstance(record, CloseEnded) for record in desk.records)
    assert not desk.state.durable.closings


@pytest.mark.rule("C-304", "C-002")
def test_kill_flattens_when_the_policy_says_so_but_only_after_the_cancel_loop():
    desk = ready(policy=with_on_kill(OnKill.FLATTEN))
    desk.hold(CALL, Side.SELL, "0.3")
    resting = desk.rest_one(place(PUT, Side.SELL, "0.1", "0.0130"), order_id="o-7")
    kill(desk)
    assert steps(desk, 2) == []  # an open may still fill
    report = report_of(resting, order_id="o-7", state=OrderState.CANCELLED)
    desk.answer_order(desk.cancels()[-1], Acked(order=report, fills=()))
    sent = steps(desk, 2)
    assert [record for record in desk.records if isinstance(record, CloseBegun)]
    assert {order.intent.instrument for order in sent} <= {CALL.name, PERPETUAL.name}
    assert any(order.intent.role is Role.CLOSE for order in sent)


@pytest.mark.rule("C-304")
def test_kill_hedges_when_the_policy_says_so_and_closes_nothing():
    desk = ready(policy=with_on_kill(OnKill.HEDGE))
    desk.hold(CALL, Side.SELL, "0.3")
    kill(desk)
    sent = steps(desk, 3)
    assert {order.intent.role for order in sent} == {Role.HEDGE}
    assert not desk.state.durable.closings


@pytest.mark.rule("C-304")
def test_kill_holds_when_the_policy_says_so():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    kill(desk)
    assert steps(desk, 3) == []


@pytest.mark.rule("C-403")
def test_the_perpetual_goes_last():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    desk.hold(PERPETUAL, Side.BUY, "500", trade="t-9")
    close(desk, CALL)
    close(desk, PERPETUAL)
    order = desk_step(desk)
    assert order.intent.instrument == CALL.name
    fill_and_end(desk, order, "0.3", trade="x-1")
    last = desk_step(desk)
    assert (last.intent.instrument, last.intent.role) == (PERPETUAL.name, Role.CLOSE)


@pytest.mark.rule("C-402", "C-403")
def test_the_hedge_of_what_could_not_be_closed_is_closed_after_it():
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    steps(desk, 6)
    for _ in range(3):
        desk.wait(2_000)
        desk.quote()
        desk.tick()
        last = desk.sent()[-1]
        if last.intent.instrument == PERPETUAL.name:
            fill_and_end(desk, last, str(last.intent.amount), trade="h-1")
            break
    held = desk.state.durable.positions[PERPETUAL.name].quantity
    assert held > 0
    desk.wait(60_000)
    exit_ = desk_step(desk)
    assert exit_.intent.instrument == CALL.name
    fill_and_end(desk, exit_, "0.3", trade="x-1")
    last = desk_step(desk)
    assert (last.intent.instrument, last.intent.side) == (PERPETUAL.name, Side.SELL)
    assert (last.intent.amount, last.intent.role) == (held, Role.CLOSE)
