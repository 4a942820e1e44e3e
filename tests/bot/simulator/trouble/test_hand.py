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


def stop_rows(stage: Stage) -> list[Any]:
    found = stage.call("private/get_open_orders")
    return [row for row in found if row["order_state"] == "untriggered"]


@pytest.fixture
def stopped(stage: Stage) -> Stage:
    """Give a stage where a hand has placed a stop order in the account."""
    stage.floor.peers.pop("other")
    stage.order("buy", amount=10, price=59990, label="mine")
    stage.call("private/subscribe", channels=CHANNELS)
    stage.floor.trouble.strike("foreign_stop")
    stage.tick()
    return stage


def test_a_foreign_stop_is_shown_and_goes_by_itself(stopped: Stage) -> None:
    [row] = stop_rows(stopped)
    assert (row["order_type"], row["label"], row["instrument_name"]) == (
        "stop_limit",
        "",
        PERPETUAL,
    )
    assert stopped.call("private/get_order_state", order_id=row["order_id"]) == row
    assert stopped.call("private/get_open_orders_by_label", currency="BTC", label="mine") != [row]
    assert [said["order_state"] for said in stopped.on(CHANNELS[0])] == ["untriggered"]
    stopped.tick(ms=600_000)
    assert stop_rows(stopped) == []
    assert [said["order_state"] for said in stopped.on(CHANNELS[0])] == ["cancelled"]
    assert stopped.floor.trouble.injected == {"foreign_stop": 1}


def test_a_foreign_stop_can_be_cancelled_alone(stopped: Stage) -> None:
    [row] = stop_rows(stopped)
    gone = stopped.call("private/cancel", order_id=row["order_id"])
    assert gone["order_state"] == "cancelled"
    assert [said["order_state"] for said in stopped.on(CHANNELS[0])] == ["untriggered", "cancelled"]
    assert len(stopped.call("private/get_open_orders")) == 1


@pytest.mark.parametrize(
    ("method", "params", "count"),
    [
        ("private/cancel_all", {}, 2),
        ("private/cancel_all_by_currency", {"currency": "BTC"}, 2),
        ("private/cancel_all_by_currency", {"currency": "ETH"}, 0),
        ("private/cancel_all_by_currency", {"currency": "BTC", "type": "limit"}, 1),
        ("private/cancel_by_label", {"label": "mine"}, 1),
    ],
)
def test_a_mass_cancel_takes_a_foreign_stop_that_it_covers(
    stopped: Stage, method: str, params: dict[str, Any], count: int
) -> None:
    assert stopped.call(method, **params) == count
    assert len(stop_rows(stopped)) == (0 if count == 2 else 1)
    stopped.tick()
    assert len(stop_rows(stopped)) == (0 if count == 2 else 1)


def test_self_trade_prevention_cancels_a_resting_order(stage: Stage) -> None:
    stage.floor.trouble.strike("stp_cancel")
    stage.tick()
    assert stage.floor.trouble.injected == {}
    order = stage.order("buy", amount=10, price=59990)
    stage.tick()
    state = stage.call("private/get_order_state", order_id=order["order_id"])
    assert (state["order_state"], state["cancel_reason"]) == ("cancelled", "self_match")
    assert stage.floor.trouble.injected == {"stp_cancel": 1}


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
