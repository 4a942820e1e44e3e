"""What a hostile reader found in closings, flatten and KILL, each with its sequence of events."""

import pytest

from bot.core.event import (
    Connected,
    Disconnected,
    OperatorDown,
    OperatorFlatten,
    OperatorRearm,
    Protected,
    Subscribed,
)
from bot.core.flatten import plan_of
from bot.core.outcome import Ambiguous
from bot.core.record import CloseEnded
from bot.domain.mode import Mode
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.policy.reaction import OnKill
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import CALL, PERPETUAL, PUT
from tests.bot.core.test_begin_group import leg, strangle
from tests.bot.core.test_close import close, fill_and_end, kill, steps, unfilled, with_on_kill
from tests.bot.core.words import place


def flatten(desk: Desk) -> None:
    """Ask for it as the plan shows it."""
    plan = plan_of(desk.state).hash
    desk.feed(OperatorFlatten(request_id="f", plan=plan, by="owner", why="news"))


def rearm(desk: Desk) -> None:
    """Agree to all that forces a mode."""
    seen = tuple((reason, cause.at_ms) for reason, cause in desk.state.durable.causes.items())
    desk.feed(OperatorRearm(request_id="a", by="me", why="seen", looked_ms=desk.now_ms, seen=seen))


@pytest.mark.rule("C-403")
def test_what_fills_after_a_flatten_is_closed_as_well() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    late = desk.rest_one(place(PUT, Side.SELL, "0.2", "0.0120"), order_id="o-late")
    flatten(desk)
    desk.fill(late, "0.2", trade="late", order_id="o-late")  # before its cancel arrives
    sent = steps(desk, 1)
    exits = {order.intent.instrument: order.intent for order in sent}
    assert (exits[PUT.name].side, str(exits[PUT.name].amount)) == (Side.BUY, "0.2")


@pytest.mark.rule("C-403", "C-307")
def test_a_rearm_ends_the_wish_to_hold_nothing() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    flatten(desk)
    fill_and_end(desk, steps_one(desk), "0.3", trade="x-1")
    rearm(desk)
    assert desk.state.durable.flattening is None
    assert desk.state.durable.mode is Mode.ACTIVE


def steps_one(desk: Desk) -> object:
    """Take one step, and return the order that left, unanswered."""
    desk.wait(2_000)
    desk.quote()
    desk.tick()
    return desk.sent()[-1]


@pytest.mark.rule("C-304")
def test_kill_waits_a_minute_for_cancels_that_nobody_answers_and_no_longer() -> None:
    desk = ready(policy=with_on_kill(OnKill.FLATTEN))
    desk.hold(CALL, Side.SELL, "0.3")
    desk.rest_one(place(PUT, Side.SELL, "0.1", "0.0130"), order_id="o-7")
    kill(desk)
    assert [o for o in steps(desk, 29) if o.intent.instrument == CALL.name] == []
    assert [o for o in steps(desk, 3) if o.intent.role is Role.CLOSE]


@pytest.mark.rule("C-304")
def test_under_kill_a_strategy_s_resting_exit_is_taken_out_of_the_guard_s_way() -> None:
    desk = ready(policy=with_on_kill(OnKill.HEDGE))
    desk.hold(CALL, Side.SELL, "0.3")
    exit_ = desk.rest_one(place(CALL, Side.BUY, "0.3", "0.0100", is_exit=True), order_id="o-9")
    kill(desk)
    assert [cancel.intent.target for cancel in desk.cancels()] == [exit_.intent_id]


@pytest.mark.rule("C-309", "C-403")
def test_while_the_guard_rests_between_two_ladders_a_strategy_may_exit() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    steps(desk, 8)
    before = len(desk.sent())
    desk.wait(3_000)
    desk.quote()
    desk.tick(place(CALL, Side.BUY, "0.3", "0.0130", is_exit=True))
    mine = [o for o in desk.sent()[before:] if o.intent.decision.strategy != "guard"]
    assert [(o.intent.instrument, o.intent.role) for o in mine] == [(CALL.name, Role.CLOSE)]


@pytest.mark.rule("C-402")
def test_time_without_a_line_is_no_failure_of_an_exit() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    desk.feed(Disconnected(1, "reset"))
    desk.wait(40_000)
    desk.feed(Connected(2))
    desk.feed(Protected(2))
    desk.feed(Subscribed(2, ()))
    desk.quote()
    desk.tick()
    assert Reason.EXIT_FAILED not in desk.state.durable.causes


@pytest.mark.rule("C-307")
def test_a_rearm_gives_up_what_could_not_be_closed() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    close(desk, CALL)
    steps(desk, 8)
    assert Reason.EXIT_FAILED in desk.state.durable.causes
    rearm(desk)
    assert [r.instrument for r in desk.records if isinstance(r, CloseEnded)] == [CALL.name]
    desk.wait(1_000)
    desk.quote()
    desk.tick()
    assert Reason.EXIT_FAILED not in desk.state.durable.causes


@pytest.mark.rule("C-402", "C-305")
def test_an_end_in_the_middle_of_a_group_says_so() -> None:
    desk = ready()
    desk.tick(strangle())
    first = desk.sent()[-1]
    fill_and_end(desk, first, "0.3", trade="g-1")
    desk.feed(OperatorDown(request_id="d", by="me", why="done", cancel_opens=True))
    desk.is_holding = False
    for _ in range(12):
        desk.wait(1_000)
        desk.quote()
        desk.tick()
        for order in desk.sent():
            if order.intent_id in desk.state.durable.orders:
                unfilled(desk, order)
    assert desk.state.stopping is not None
    assert any("closed" in line or "group" in line for line in desk.state.stopping.unproven)


@pytest.mark.rule("C-401")
def test_a_leg_against_what_is_held_is_no_leg_of_a_group() -> None:
    desk = ready()
    desk.hold(CALL, Side.BUY, "0.5")
    desk.tick(strangle("0.3", leg(CALL, "0.0120"), leg(PUT, "0.0110")))
    assert desk.state.durable.group is None


@pytest.mark.rule("C-402")
def test_a_leg_in_doubt_for_a_minute_leaves_no_other_leg_naked() -> None:
    desk = ready()
    desk.tick(strangle())
    first = desk.sent()[-1]
    fill_and_end(desk, first, "0.3", trade="g-1")
    second = steps_one(desk)
    assert second is not first
    desk.answer_order(second, Ambiguous("silence"))
    for _ in range(40):
        desk.wait(2_000)
        desk.quote()
        desk.tick()
    exits = [o.intent for o in desk.sent() if o.intent.role.is_exit]
    assert {(e.instrument, e.side) for e in exits if e.instrument != PERPETUAL.name} == {
        (first.intent.instrument, Side.BUY)
    }
