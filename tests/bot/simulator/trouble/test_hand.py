"""Somebody else at our account: what appears, what it does to positions, and that it goes again."""

from typing import Any

import pytest

from tests.bot.simulator.stage import CALL, PERPETUAL, D, Stage

CHANNELS = ["user.orders.any.any.raw", "user.trades.any.any.raw"]


def labels(stage: Stage) -> list[str]:
    return [order.label for order in stage.venue.open.values()]


def positions(stage: Stage) -> dict[str, D]:
    found = stage.call("private/get_positions")
    return {row["instrument_name"]: row["size"] for row in found if row["size"] != 0}


def test_a_foreign_order_rests_away_from_the_touch_and_is_taken_away(stage: Stage) -> None:
    stage.order("buy", CALL, amount=1, price=0.0495, label="mine")
    stage.call("private/subscribe", channels=CHANNELS)
    stage.call("public/get_time", role="other")
    stage.floor.trouble.strike("foreign_order")
    for _ in range(20):  # the other account may be the one that it is placed in
        stage.tick()
    [foreign] = [o for o in stage.venue.open.values() if o.label != "mine"]
    assert foreign.label in ("", "manual", "web-7")
    book = stage.venue.books[foreign.instrument]
    touch = book.best(foreign.side, without=foreign.id)
    assert touch is not None
    assert (touch - foreign.price) * foreign.side.sign > 0
    assert stage.floor.trouble.injected == {"foreign_order": 1}
    stage.tick(ms=59_000)
    assert foreign.id in stage.venue.open
    stage.tick(ms=541_000)
    assert labels(stage) == ["mine"]
    heard = [row["data"]["order_state"] for row in stage.heard() if "orders" in row["channel"]]
    assert heard in (["open", "cancelled"], [])


def test_a_foreign_order_that_filled_is_traded_back(stage: Stage) -> None:
    stage.floor.trouble.strike("foreign_order")
    stage.tick()
    [foreign] = stage.venue.open.values()
    price = foreign.price
    for name in (foreign.instrument,):
        if foreign.side.value == "buy":
            stage.feed.quote(name, bids="", asks=f"{price} x 100000", mark=str(price))
        else:
            stage.feed.quote(name, bids=f"{price} x 100000", asks="", mark=str(price))
    stage.tick()
    holder = stage.venue.accounts[foreign.account]
    assert holder.position(foreign.instrument).quantity == foreign.side.sign * foreign.amount
    stage.floor.trouble.heal()
    stage.tick()
    holder = stage.venue.accounts[foreign.account]
    assert holder.position(foreign.instrument).quantity == 0


def test_a_foreign_trade_moves_the_position_and_is_traded_back(stage: Stage) -> None:
    stage.peers.pop("other")
    stage.floor.peers.pop("other")
    stage.order("buy", amount=100, price=60000)
    stage.call("private/subscribe", channels=CHANNELS)
    stage.floor.trouble.strike("foreign_trade")
    stage.tick()
    moved = positions(stage)[PERPETUAL] - 100
    assert 10 <= abs(moved) <= 30
    assert sorted(row["channel"] for row in stage.heard()) == sorted(CHANNELS)
    assert [row["label"] for row in stage.call("private/sim_order_log")[-2:]] == ["", ""]
    stage.tick(ms=600_000)
    assert positions(stage) == {PERPETUAL: 100}
    assert stage.floor.trouble.injected == {"foreign_trade": 1}


def test_what_somebody_else_has_closed_already_is_not_traded_back(stage: Stage) -> None:
    stage.peers.pop("other")
    stage.floor.peers.pop("other")
    stage.floor.trouble.strike("foreign_trade")
    stage.tick()
    [(name, size)] = positions(stage).items()
    side = "sell" if size > 0 else "buy"
    closing = stage.order(side, name, amount=abs(size), type="market", time_in_force="good_til_day")
    assert closing["order_state"] == "filled"
    stage.floor.trouble.heal()
    stage.tick()
    assert positions(stage) == {}


def test_nobody_s_account_is_touched_while_nobody_is_logged_in(stage: Stage) -> None:
    stage.floor.peers.clear()
    for fault in ("foreign_order", "foreign_trade", "liquidation"):
        stage.floor.trouble.strike(fault)
    stage.tick()
    assert stage.floor.trouble.injected == {}


def liquidated(stage: Stage) -> list[Any]:
    found = stage.call("private/get_user_trades_by_currency", currency="BTC", count=100)
    return [row for row in found["trades"] if "liquidation" in row]


def test_the_venue_closes_a_part_of_the_largest_position(stage: Stage) -> None:
    stage.floor.trouble.strike("liquidation")
    stage.tick()
    assert stage.floor.trouble.injected == {}
    stage.order("buy", amount=100, price=60000)
    stage.order("sell", CALL, amount=2, price=0.0495)  # 120 000 USD of the index
    stage.tick()
    [trade] = liquidated(stage)
    assert (trade["instrument_name"], trade["direction"], trade["liquidation"]) == (
        CALL,
        "buy",
        "T",
    )
    assert D("0.4") <= trade["amount"] <= D("1.2")
    assert positions(stage) == {PERPETUAL: 100, CALL: trade["amount"] - 2}
    state = stage.call("private/get_order_state", order_id=trade["order_id"])
    assert (state["is_liquidation"], state["order_state"]) == (True, "filled")
    stage.tick(ms=600_000)
    assert len(liquidated(stage)) == 1


@pytest.mark.parametrize("fault", ["foreign_order", "foreign_trade"])
def test_what_cannot_be_undone_in_a_halt_is_undone_after_it(stage: Stage, fault: str) -> None:
    stage.floor.trouble.strike(fault)
    stage.tick()
    assert stage.floor.trouble.injected[fault] == 1
    for _ in range(20):
        stage.floor.trouble.strike("halted")
        stage.tick(ms=29_000)
    stage.floor.trouble.heal()
    stage.tick()
    stage.tick(ms=1_000)
    assert list(stage.venue.open) == []
    assert all(a.positions == {} or _is_flat(a) for a in stage.venue.accounts.values())


def _is_flat(account: Any) -> bool:
    return all(position.quantity == 0 for position in account.positions.values())
