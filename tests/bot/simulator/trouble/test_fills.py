"""What is told of fills, and trades that should not have been."""

from typing import Any

import pytest

from bot.domain.side import Side
from tests.bot.simulator.stage import PERPETUAL, D, Stage

CHANNELS = ["user.trades.any.any.raw", "user.orders.any.any.raw", "user.changes.any.any.raw"]


@pytest.fixture
def listening(stage: Stage) -> Stage:
    stage.call("private/subscribe", channels=CHANNELS)
    return stage


def trade(stage: Stage) -> Any:
    """Buy at the touch; return the trade as the answer shows it."""
    answer = stage.call("private/buy", instrument_name=PERPETUAL, amount=10, price=60000)
    return answer["trades"][0]


def told(stage: Stage) -> dict[str, int]:
    """Count what each channel has said."""
    said = [row["channel"] for row in stage.heard()]
    return {name: said.count(name) for name in CHANNELS if name in said}


def once() -> dict[str, int]:
    return dict.fromkeys(CHANNELS, 1)


def test_news_of_a_fill_come_late(listening: Stage) -> None:
    listening.floor.trouble.strike("fill_late")
    made = trade(listening)
    listening.tick(ms=4_900)
    assert told(listening) == {}
    assert listening.size() == 10
    listening.tick(ms=40_200)
    said = listening.heard()
    assert sorted(row["channel"] for row in said) == sorted(CHANNELS)
    fills = next(row["data"] for row in said if row["channel"] == CHANNELS[0])
    assert [fill["trade_id"] for fill in fills] == [made["trade_id"]]
    trade(listening)
    assert told(listening) == once()


def test_news_of_a_fill_never_come_but_it_can_be_looked_up(listening: Stage) -> None:
    listening.floor.trouble.strike("fill_unsaid")
    made = trade(listening)
    listening.tick(ms=60_000)
    assert told(listening) == {}
    found = listening.call("private/get_user_trades_by_order", order_id=made["order_id"])
    assert [row["trade_id"] for row in found] == [made["trade_id"]]
    trade(listening)
    assert told(listening) == once()


def test_a_fill_is_told_twice(listening: Stage) -> None:
    listening.floor.trouble.strike("fill_twice")
    trade(listening)
    assert told(listening) == once()
    listening.tick()
    assert told(listening) == {CHANNELS[0]: 1}
    listening.tick()
    assert told(listening) == {}


@pytest.mark.parametrize("fault", ["fill_late", "fill_unsaid", "fill_twice"])
def test_a_fill_that_nobody_listens_for_spends_no_fault(stage: Stage, fault: str) -> None:
    stage.floor.trouble.strike(fault)
    trade(stage)
    assert stage.floor.trouble.injected[fault] == 0


def test_late_news_come_at_once_upon_healing(listening: Stage) -> None:
    listening.floor.trouble.strike("fill_late")
    trade(listening)
    listening.floor.trouble.heal()
    listening.tick()
    assert told(listening) == once()


def test_only_the_withheld_order_is_left_out(listening: Stage) -> None:
    for price in (59990, 59989):
        listening.order("buy", amount=10, price=price)
    told(listening)
    listening.floor.trouble.strike("fill_unsaid")
    listening.feed.quote(PERPETUAL, bids="59980 x 10", asks="59989 x 100", mark="59985")
    listening.tick()
    assert told(listening) == once()
    assert listening.size() == 20


def test_an_order_trades_after_its_cancel_was_confirmed(listening: Stage) -> None:
    order = listening.order("buy", amount=50, price=59990, label="a")
    listening.floor.trouble.strike("fill_after_cancel")
    gone = listening.call("private/cancel", order_id=order["order_id"])
    assert (gone["order_state"], gone["filled_amount"]) == ("cancelled", 0)
    assert listening.floor.trouble.injected["fill_after_cancel"] == 0
    told(listening)
    listening.tick(ms=3_100)
    assert told(listening) == once()
    size = listening.size()
    assert D(10) <= size <= D(50)
    found = listening.call("private/get_order_state", order_id=order["order_id"])
    assert (found["order_state"], found["filled_amount"]) == ("cancelled", size)
    fills = listening.call("private/get_user_trades_by_order", order_id=order["order_id"])
    assert sum(fill["amount"] for fill in fills) == size
    log = listening.call("private/sim_order_log")
    assert [row["event"] for row in log] == ["new", "cancel", "fill"]
    assert listening.floor.trouble.injected["fill_after_cancel"] == 1
    listening.tick(ms=60_000)
    assert listening.size() == size


def test_a_trade_after_a_cancel_does_not_outlive_the_healing(stage: Stage) -> None:
    stage.order("buy", amount=50, price=59990)
    stage.floor.trouble.strike("fill_after_cancel")
    stage.call("private/cancel_all")
    stage.floor.trouble.heal()
    stage.tick(ms=10_000)
    assert stage.size() == 0
    assert stage.floor.trouble.injected == {}


def test_reduce_only_orders_are_cut_to_what_an_unasked_trade_leaves(stage: Stage) -> None:
    stage.order("buy", amount=30, price=60000)
    other = stage.order("sell", amount=30, price=60020)
    stage.order("sell", amount=30, price=60010, reduce_only=True, label="r")
    stage.floor.trouble.strike("fill_after_cancel")
    stage.call("private/cancel", order_id=other["order_id"])
    stage.tick(ms=3_100)
    left = [o.remaining for o in stage.venue.open.values() if o.label == "r"]
    assert sum(left) == stage.size() < 30
    stage.feed.sweep(PERPETUAL, side=Side.BUY, limit="60010", amount="100")
