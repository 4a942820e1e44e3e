"""The owner's flatten: the plan is what is sent, and it is bound to what was seen [C-403]."""

import pytest

from bot.core.effect import Answer
from bot.core.event import OperatorFlatten
from bot.core.flatten import plan_of
from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.domain.side import Side
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import CALL, PERPETUAL, PUT


def asked(desk: Desk, plan: str) -> Answer:
    """Ask for it, and return the answer."""
    effects = desk.feed(OperatorFlatten(request_id="f", plan=plan, by="owner", why="news"))
    return next(effect for effect in effects if isinstance(effect, Answer))


def held() -> Desk:
    """Hold a short strangle with its hedge."""
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    desk.hold(PUT, Side.SELL, "0.2", trade="t-2")
    desk.hold(PERPETUAL, Side.BUY, "500", trade="t-3")
    desk.quote()
    return desk


@pytest.mark.rule("C-403")
def test_the_plan_names_each_exit_and_changes_nothing() -> None:
    desk = held()
    before = desk.state
    plan = plan_of(desk.state)
    assert desk.state is before
    assert [(e.instrument, e.side, str(e.amount)) for e in plan.exits] == [
        (PUT.name, Side.BUY, "0.2"),
        (CALL.name, Side.BUY, "0.3"),
        (PERPETUAL.name, Side.SELL, "500"),
    ]
    # ask 0.0120, mark 0.0115: spread 0.001 → +0, 1 tick, ¼, ½, 1, 2, each up to the tick
    assert [str(price) for price in plan.exits[0].prices] == [
        "0.0120",
        "0.0125",
        "0.0125",
        "0.0125",
        "0.0130",
        "0.0140",
    ]


@pytest.mark.rule("C-403")
def test_go_sends_the_first_step_of_the_plan_for_each_option() -> None:
    desk = held()
    plan = plan_of(desk.state)
    assert asked(desk, plan.hash).done
    before = len(desk.sent())
    desk.wait(100)
    desk.quote()
    desk.tick()
    sent = [(o.intent.instrument, o.intent.amount, o.intent.price) for o in desk.sent()[before:]]
    assert sent == [(e.instrument, e.amount, e.prices[0]) for e in plan.exits[:2]]


@pytest.mark.rule("C-403", "C-302")
def test_it_leaves_the_engine_in_reduce_only_until_a_rearm() -> None:
    desk = held()
    asked(desk, plan_of(desk.state).hash)
    assert desk.state.durable.mode is Mode.REDUCE_ONLY
    assert desk.state.durable.causes[Reason.OPERATOR].by == "owner"


@pytest.mark.rule("C-403")
def test_another_position_than_the_one_seen_is_refused() -> None:
    desk = held()
    plan = plan_of(desk.state)
    desk.hold(CALL, Side.SELL, "0.1", trade="t-9")
    answer = asked(desk, plan.hash)
    assert not answer.done
    assert answer.refusals[0].startswith("CHANGED")
    assert not desk.state.durable.closings
    assert desk.state.durable.mode is Mode.ACTIVE


@pytest.mark.rule("C-403")
def test_asking_twice_is_the_same_flatten() -> None:
    desk = held()
    plan = plan_of(desk.state)
    asked(desk, plan.hash)
    desk.wait(100)
    desk.quote()
    desk.tick()
    before = desk.state.durable.closings
    assert asked(desk, plan.hash).done
    assert desk.state.durable.closings == before


@pytest.mark.rule("C-403")
def test_with_nothing_held_there_is_nothing_to_flatten() -> None:
    desk = ready()
    plan = plan_of(desk.state)
    assert plan.exits == ()
    assert asked(desk, plan.hash).refusals == ("nothing is held",)
