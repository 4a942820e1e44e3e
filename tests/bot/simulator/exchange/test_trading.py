"""Price-time matching and the life of an order, by hand-made tables."""

from decimal import Decimal
from typing import Any

import pytest

from bot.domain.side import Side
from tests.bot.simulator.stage import CALL, DAILY, FUTURE, PERPETUAL, START_MS, Stage

D = Decimal
TAKER_FEE = D("0.0005")


# Asks 60000 x 1000, 60000.5 x 5000; bid 59999.5 x 1000.
@pytest.mark.parametrize(
    ("side", "price", "amount", "fills", "state"),
    [
        ("buy", "60000", "500", [("60000", "500")], "filled"),
        ("buy", "60000.5", "1500", [("60000", "1000"), ("60000.5", "500")], "filled"),
        ("buy", "60000", "1500", [("60000", "1000")], "open"),
        ("buy", "59990", "10", [], "open"),
        ("sell", "59999.5", "1000", [("59999.5", "1000")], "filled"),
        ("sell", "59999", "2000", [("59999.5", "1000")], "open"),
        ("sell", "60000", "10", [], "open"),
    ],
)
def test_an_order_takes_the_best_prices_and_rests_with_what_is_left(
    stage: Stage, side: str, price: str, amount: str, fills: list[tuple[str, str]], state: str
) -> None:
    result = stage.call(
        f"private/{side}", instrument_name=PERPETUAL, amount=D(amount), price=D(price)
    )
    assert [(D(t["price"]), D(t["amount"])) for t in result["trades"]] == [
        (D(p), D(a)) for p, a in fills
    ]
    order = result["order"]
    assert order["order_state"] == state
    assert D(order["filled_amount"]) == sum(D(a) for _, a in fills)
    assert {t["liquidity"] for t in result["trades"]} <= {"T"}


def test_orders_of_one_price_fill_in_the_order_of_their_arrival(stage: Stage) -> None:
    first = stage.order("buy", amount=100, price=59998, role="other")
    second = stage.order("buy", amount=100, price=59998)
    stage.feed.quote(PERPETUAL, bids="59990 x 10", asks="60000 x 1000", mark="60000")
    stage.tick()
    stage.feed.sweep(PERPETUAL, side=Side.SELL, limit="59998", amount="150")
    stage.tick()
    assert stage.size(role="other") == 100
    assert stage.size() == 50
    states = [
        stage.call("private/get_order_state", role=role, order_id=order["order_id"])["order_state"]
        for role, order in (("other", first), ("trade", second))
    ]
    assert states == ["filled", "open"]


def test_outside_amount_stands_ahead_of_ours_at_the_same_price(stage: Stage) -> None:
    stage.order("buy", amount=100, price="59999.5")  # 1000 stand there already
    stage.feed.sweep(PERPETUAL, side=Side.SELL, limit="59999.5", amount="1050")
    stage.tick()
    assert stage.size() == 50


def test_new_quotes_that_cross_a_resting_order_fill_it_at_its_own_price(stage: Stage) -> None:
    stage.order("buy", amount=500, price=59990, label="rests")
    stage.feed.quote(PERPETUAL, bids="59970 x 10", asks="59980 x 200, 59985 x 100", mark="59975")
    stage.tick()
    trades = stage.call("private/get_user_trades_by_currency", currency="BTC", sorting="asc")
    assert [(D(t["price"]), D(t["amount"]), t["liquidity"]) for t in trades["trades"]] == [
        (D(59990), D(200), "M"),
        (D(59990), D(100), "M"),
    ]
    book = stage.call("public/get_order_book", instrument_name=PERPETUAL, role="")
    assert [D(p) for p, _ in book["bids"]] == [D(59990), D(59970)]
    assert book["asks"] == []


def test_two_accounts_trade_with_each_other_at_the_maker_s_price(stage: Stage) -> None:
    stage.order("sell", CALL, amount=1, price="0.05", role="other")
    taker = stage.order("buy", CALL, amount=1, price="0.0505")
    assert D(taker["average_price"]) == D("0.05")
    assert stage.size(CALL) == 1
    assert stage.size(CALL, role="other") == -1
    cash = stage.call("private/get_account_summary", currency="BTC")["balance"]
    assert D(cash) == D(10) - D("0.05") - D("0.0003")


@pytest.mark.parametrize(
    ("lifetime", "amount", "filled", "state"),
    [
        ("immediate_or_cancel", "1500", "1000", "cancelled"),
        ("immediate_or_cancel", "1000", "1000", "filled"),
        ("fill_or_kill", "1500", "0", "cancelled"),
        ("fill_or_kill", "1000", "1000", "filled"),
    ],
)
def test_what_may_not_rest_falls(
    stage: Stage, lifetime: str, amount: str, filled: str, state: str
) -> None:
    order = stage.order("buy", amount=D(amount), price=60000, time_in_force=lifetime)
    assert (D(order["filled_amount"]), order["order_state"]) == (D(filled), state)
    assert stage.call("private/get_open_orders") == []


def test_a_market_order_takes_and_never_rests(stage: Stage) -> None:
    order = stage.order("buy", amount=7000, type="market")
    assert (D(order["filled_amount"]), order["order_state"]) == (D(6000), "cancelled")


def test_post_only_that_would_take_is_refused_or_moved_inside_the_spread(stage: Stage) -> None:
    stage.feed.quote(PERPETUAL, bids="59990 x 10", asks="60000 x 10", mark="60000")
    stage.tick()
    both: dict[str, Any] = {"post_only": True, "reject_post_only": True}
    assert stage.order("buy", amount=10, price=60000, **both)["code"] == 11054
    assert stage.call("private/get_open_orders") == []
    moved = stage.order("buy", amount=10, price=60001, post_only=True)
    assert (D(moved["price"]), moved["order_state"]) == (D("59999.5"), "open")
    stage.call("private/cancel_all")
    moved = stage.order("sell", amount=10, price=59980, post_only=True)
    assert D(moved["price"]) == D("59990.5")
    assert stage.size() == 0


def test_reduce_only_is_cut_to_the_position_and_shrinks_with_it(stage: Stage) -> None:
    assert stage.order("sell", amount=10, price=60100, reduce_only=True)["code"] == 11030
    stage.order("buy", amount=500, price=60000)
    near = stage.order("sell", amount=300, price=60010, reduce_only=True)
    far = stage.order("sell", amount=900, price=60020, reduce_only=True)
    assert (D(near["amount"]), D(far["amount"])) == (D(300), D(200))
    stage.order("sell", amount=300, price="59999.5")  # the position falls to 200
    left = {o["order_id"]: D(o["amount"]) for o in stage.call("private/get_open_orders")}
    assert left == {near["order_id"]: D(200)}
    gone = stage.call("private/get_order_state", order_id=far["order_id"])
    assert gone["order_state"] == "cancelled"


def test_own_orders_do_not_trade_with_each_other(stage: Stage) -> None:
    maker = stage.order("sell", amount=100, price=59999)
    assert maker["order_state"] == "filled"  # it took the bid: nothing of ours rests
    maker = stage.order("sell", amount=100, price=60000)
    stage.feed.quote(PERPETUAL, bids="59990 x 10", asks="60010 x 100", mark="60000")
    stage.tick()
    assert stage.order("buy", amount=100, price=60010)["code"] == 10003
    assert (
        stage.call("private/get_order_state", order_id=maker["order_id"])["order_state"] == "open"
    )
    stage.call("private/set_self_trading_config", mode="cancel_maker")
    taker = stage.order("buy", amount=100, price=60010)
    assert D(taker["average_price"]) == D(60010)
    gone = stage.call("private/get_order_state", order_id=maker["order_id"])
    assert (gone["order_state"], gone["cancel_reason"]) == ("cancelled", "self_match")


def test_a_taker_that_meets_its_own_order_after_fills_comes_back_cancelled(stage: Stage) -> None:
    stage.order("sell", amount=100, price="60000.5")
    taker = stage.order("buy", amount=8000, price=60001)
    # 1000 at 60000, then 5000 of the outside at 60000.5 stand ahead of ours.
    assert (D(taker["filled_amount"]), taker["order_state"]) == (D(6000), "cancelled")
    assert taker["cancel_reason"] == "self_match"


# An edit keeps its place only when nothing but the amount falls.
@pytest.mark.parametrize(
    ("change", "is_first"),
    [
        ({"amount": 50, "price": 59998}, True),
        ({"amount": 200, "price": 59998}, False),
        ({"amount": 100, "price": 59997}, False),
    ],
)
def test_an_edit_keeps_its_place_only_when_the_amount_falls(
    stage: Stage, change: dict[str, Any], is_first: bool
) -> None:
    mine = stage.order("buy", amount=100, price=59998)
    stage.order("buy", amount=100, price=59998, role="other")
    edited = stage.call("private/edit", order_id=mine["order_id"], **change)["order"]
    assert edited["order_id"] == mine["order_id"]
    assert edited["replaced"] is True
    stage.feed.quote(PERPETUAL, bids="59900 x 10", asks="60000 x 1000", mark="60000")
    stage.tick()
    stage.feed.sweep(PERPETUAL, side=Side.SELL, limit="59998", amount="10")
    stage.tick()
    assert (stage.size() == 10) is is_first


def test_an_edit_with_fills_asks_for_a_new_total(stage: Stage) -> None:
    order = stage.order("buy", amount=2000, price=60000)
    assert D(order["filled_amount"]) == 1000
    edited = stage.call("private/edit", order_id=order["order_id"], amount=4000, price=60000)
    assert D(edited["order"]["amount"]) == 4000
    assert edited["order"]["order_state"] == "open"
    refused = stage.call("private/edit", order_id=order["order_id"], amount=1000, price=60000)
    assert refused["code"] == 10021


def test_an_edit_that_would_take_with_reject_post_only_cancels_the_order(stage: Stage) -> None:
    order = stage.order("buy", amount=10, price=59990, post_only=True, reject_post_only=True)
    refused = stage.call("private/edit", order_id=order["order_id"], amount=10, price=60000)
    assert refused["code"] == 11054
    gone = stage.call("private/get_order_state", order_id=order["order_id"])
    assert (gone["order_state"], gone["cancel_reason"]) == ("cancelled", "edit_post_only_reject")
    assert stage.size() == 0


def test_a_refused_edit_leaves_the_order_where_it_was(stage: Stage) -> None:
    order = stage.order("buy", amount=10, price=59990)
    late = stage.call(
        "private/edit", order_id=order["order_id"], amount=20, price=59991, valid_until=START_MS
    )
    assert late["code"] == 13888
    too_much = stage.call(
        "private/edit", order_id=order["order_id"], amount=100_000_000, price=59991
    )
    assert too_much["code"] == 10009
    (kept,) = stage.call("private/get_open_orders")
    assert (D(kept["amount"]), D(kept["price"]), kept["replaced"]) == (D(10), D(59990), False)
    stage.feed.sweep(PERPETUAL, side=Side.SELL, limit="59990", amount="2000")
    stage.tick()
    assert stage.size() == 10


def test_a_late_request_is_refused_and_leaves_no_order(stage: Stage) -> None:
    late = stage.order("buy", amount=10, price=59990, label="late", valid_until=stage.clock_ms)
    assert late == {"code": 13888, "message": "timed_out"}
    assert stage.call("private/get_order_state_by_label", currency="BTC", label="late") == []
    in_time = stage.order("buy", amount=10, price=59990, valid_until=stage.clock_ms + 1)
    stage.tick(ms=10_000)
    assert [o["order_id"] for o in stage.call("private/get_open_orders")] == [in_time["order_id"]]


@pytest.mark.parametrize(
    ("name", "order", "code"),
    [
        (PERPETUAL, {"amount": 5, "price": 59990}, 10002),
        (PERPETUAL, {"amount": 15, "price": 59990}, 10027),
        (CALL, {"amount": 0.05, "price": 0.05}, 10002),
        (CALL, {"amount": 0.15, "price": 0.05}, 10021),
        (PERPETUAL, {"amount": 10, "price": 59990.3}, 10043),
        (CALL, {"amount": 1, "price": 0.0051}, 10043),
        (PERPETUAL, {"amount": 10, "price": 60901}, 10007),
        (PERPETUAL, {"amount": 10, "price": -1}, 10023),
        (PERPETUAL, {"amount": 10}, -32602),
        (PERPETUAL, {"price": 59990}, -32602),
        (PERPETUAL, {"amount": "NaN", "price": 59990}, -32602),
        (PERPETUAL, {"amount": 10, "contracts": 2, "price": 59990}, -32602),
        ("BTC-1JAN99", {"amount": 10, "price": 59990}, 13020),
        (PERPETUAL, {"amount": 10, "price": 59990, "label": "x" * 65}, -32602),
        (PERPETUAL, {"amount": 10, "price": 59990, "label": "a\x07"}, -32602),
        (PERPETUAL, {"amount": 10, "type": "stop_limit", "price": 1}, 10033),
        (PERPETUAL, {"amount": 10, "price": 59990, "advanced": "usd"}, 10033),
        (
            PERPETUAL,
            {
                "amount": 10,
                "price": 59990,
                "post_only": True,
                "time_in_force": "immediate_or_cancel",
            },
            11055,
        ),
        (PERPETUAL, {"amount": 10, "price": 59990, "reject_post_only": True}, -32602),
        (PERPETUAL, {"amount": 10, "price": 59990, "time_in_force": "for_ever"}, -32602),
        (PERPETUAL, {"amount": 100_000_000, "price": 59990}, 10009),
        (CALL, {"amount": 250, "price": 0.05}, 10009),
    ],
)
def test_what_is_wrong_with_an_order_has_its_code_and_leaves_nothing(
    stage: Stage, name: str, order: dict[str, Any], code: int
) -> None:
    assert stage.order("buy", name, **order)["code"] == code
    assert stage.call("private/get_open_orders") == []
    assert stage.call("private/sim_order_log") == []


def test_a_sell_below_the_band_is_refused_with_the_limit(stage: Stage) -> None:
    refused = stage.order("sell", amount=10, price=59000)
    assert (refused["code"], refused["message"]) == (10005, "price_too_low 59100.0")


def test_two_orders_of_one_label_are_both_accepted(stage: Stage) -> None:
    for _ in range(2):
        stage.order("buy", amount=10, price=59990, label="twin")
    assert len(stage.call("private/get_order_state_by_label", currency="BTC", label="twin")) == 2
    edited = stage.call(
        "private/edit_by_label", instrument_name=PERPETUAL, label="twin", amount=20, price=59990
    )
    assert edited["code"] == 13032
    assert stage.call("private/cancel_by_label", label="twin", currency="BTC") == 2
    assert stage.call("private/cancel_by_label", label="twin", currency="BTC") == 0


def test_a_cancel_says_the_final_state_and_a_second_one_that_it_is_not_open(stage: Stage) -> None:
    order = stage.order("buy", amount=2000, price=60000)
    gone = stage.call("private/cancel", order_id=order["order_id"])
    assert (gone["order_state"], gone["cancel_reason"]) == ("cancelled", "user_request")
    assert D(gone["filled_amount"]) == 1000
    assert stage.call("private/cancel", order_id=order["order_id"])["code"] == 11044
    assert stage.call("private/cancel", order_id="4711")["code"] == 10004
    assert stage.call("private/cancel", order_id=order["order_id"], role="other")["code"] == 10004


@pytest.mark.parametrize(
    ("method", "params", "left"),
    [
        ("cancel_all", {}, set()),
        ("cancel_all_by_currency", {"currency": "BTC", "kind": "option"}, {PERPETUAL, FUTURE}),
        ("cancel_all_by_currency", {"currency": "ETH"}, {PERPETUAL, CALL, FUTURE}),
        ("cancel_all_by_instrument", {"instrument_name": CALL}, {PERPETUAL, FUTURE}),
        ("cancel_all_by_kind_or_type", {"currency": ["BTC"], "kind": "future"}, {CALL}),
    ],
)
def test_cancels_of_many_take_what_they_name_and_nobody_else_s(
    stage: Stage, method: str, params: dict[str, Any], left: set[str]
) -> None:
    for name, price in ((PERPETUAL, 59990), (CALL, 0.045), (FUTURE, 59990)):
        stage.order("buy", name, amount=10, price=price)
    stage.order("buy", PERPETUAL, amount=10, price=59990, role="other")
    count = stage.call(f"private/{method}", **params)
    assert {o["instrument_name"] for o in stage.call("private/get_open_orders")} == left
    assert count == 3 - len(left)
    assert len(stage.call("private/get_open_orders", role="other")) == 1


def test_a_detailed_cancel_lists_the_orders(stage: Stage) -> None:
    order = stage.order("buy", amount=10, price=59990)
    (entry,) = stage.call("private/cancel_all", detailed=True)
    assert entry["order"]["order_id"] == order["order_id"]


def test_the_order_log_holds_every_event_in_order(stage: Stage) -> None:
    order = stage.order("buy", DAILY, amount=20, price="0.0505", label="L")
    stage.call("private/edit", order_id=order["order_id"], amount=19, price=0.0505)
    stage.call("private/cancel", order_id=order["order_id"])
    log = stage.call("private/sim_order_log")
    assert [(e["event"], e["order_state"], D(e["filled_amount"])) for e in log] == [
        ("new", "open", D(0)),
        ("fill", "open", D(5)),
        ("edit", "open", D(5)),
        ("cancel", "cancelled", D(5)),
    ]
    assert {e["label"] for e in log} == {"L"}
