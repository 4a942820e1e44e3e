"""What befalls an order, an edit or a cancel: what is told, and what the order log says."""

import json
from typing import Any

import pytest

from bot.simulator.line import Line
from tests.bot.simulator.stage import CALL, PERPETUAL, START_MS, D, Stage


def strike(stage: Stage, fault: str) -> None:
    stage.floor.trouble.strike(fault)


def count(stage: Stage, fault: str) -> int:
    return stage.floor.trouble.injected[fault]


def events(stage: Stage, label: str = "a") -> list[str]:
    """Return what happened to the orders of a label, as the exchange remembers it."""
    log = stage.call("private/sim_order_log")
    return [row["event"] for row in log if row["label"] == label]


def bid(stage: Stage, **more: Any) -> Any:
    """Place an order that rests; return its answer whole."""
    return stage.call(
        "private/buy",
        **({"instrument_name": PERPETUAL, "amount": 10, "price": 59990, "label": "a"} | more),
    )


@pytest.mark.parametrize("fault", ["refusal", "rate_refused"])
def test_a_refused_order_is_not_placed_and_the_next_one_is(stage: Stage, fault: str) -> None:
    strike(stage, fault)
    refused = bid(stage)
    assert refused["code"] in (
        10009, 10012, 10019, 10028, 10040, 10041, 10047, 11030, 11051, 19999, -32000,
    )  # fmt: skip
    assert (refused["code"] == 10028) == (fault == "rate_refused")
    assert (events(stage), count(stage, fault)) == ([], 1)
    assert "order" in bid(stage)
    assert (events(stage), count(stage, fault)) == (["new"], 1)


def test_an_edit_is_refused_and_changes_nothing(stage: Stage) -> None:
    order = bid(stage)["order"]
    strike(stage, "refusal")
    refused = stage.call("private/edit", order_id=order["order_id"], amount=20, price=59980)
    assert "code" in refused
    assert events(stage) == ["new"]


def test_refusals_are_drawn_from_all_of_their_table(stage: Stage) -> None:
    seen = set()
    for _ in range(80):
        strike(stage, "refusal")
        seen.add(bid(stage)["code"])
        stage.tick(ms=1_000)
    assert {10009, 10012, 10040, 10041, 11030, 11051, 19999, -32000} <= seen


@pytest.mark.parametrize(
    "fault",
    ["refused_but_live", "reply_dropped", "reply_lost", "reply_undecodable", "order_doubled"],
)
def test_the_order_stands_whatever_its_answer_says(stage: Stage, fault: str) -> None:
    strike(stage, fault)
    answer = bid(stage)
    resting = [o for o in stage.venue.open.values() if o.label == "a"]
    assert len(resting) == (2 if fault == "order_doubled" else 1)
    assert events(stage) == ["new"] * len(resting)
    assert count(stage, fault) == 1
    assert stage.peers["trade"].is_closing == (fault == "reply_lost")
    match fault:
        case "refused_but_live":
            assert answer["code"] in (10040, 10050, 11031, 11051, 11094, 13008, 13028, 19999)
        case "reply_undecodable":
            told, true = answer["order"], stage.call("private/get_open_orders")[0]
            assert [k for k in true if told.get(k) != true[k]] != []
        case "order_doubled":
            assert answer["order"]["order_id"] in {o.id for o in resting}
        case _:
            assert answer == {}


@pytest.mark.parametrize(
    "fault", ["refused_but_live", "reply_dropped", "reply_late", "order_doubled", "price_clamped"]
)
def test_an_order_that_is_refused_anyway_spends_no_fault(stage: Stage, fault: str) -> None:
    strike(stage, fault)
    assert bid(stage, amount=5)["code"] == 10002
    assert count(stage, fault) == 0
    bid(stage)
    assert count(stage, fault) == 1


def test_what_waits_to_be_sent_is_lost_with_the_line(stage: Stage) -> None:
    stage.call("private/subscribe", channels=["user.orders.any.any.raw"])
    strike(stage, "reply_lost")
    bid(stage)
    assert stage.heard() == []


def test_a_late_answer_comes_after_the_deadline_and_others_before(stage: Stage) -> None:
    strike(stage, "reply_late")
    assert bid(stage, valid_until=stage.clock_ms + 2_000) == {}
    assert events(stage) == ["new"]
    assert "order" in bid(stage)
    stage.tick(ms=3_900)
    assert stage.late == []
    stage.tick(ms=18_200)
    assert stage.late[0]["order"]["label"] == "a"


def test_a_request_that_lay_too_long_is_refused_by_its_deadline(stage: Stage) -> None:
    strike(stage, "request_late")
    assert "order" in bid(stage)  # without a deadline there is nothing to miss
    assert bid(stage, label="b", valid_until=stage.clock_ms + 2_000) == {}
    stage.tick(ms=1_900)
    assert stage.late == []
    stage.tick(ms=3_200)
    assert [row["code"] for row in stage.late] == [13888]
    assert (events(stage, "b"), count(stage, "request_late")) == ([], 1)


def test_a_deadline_is_ignored(stage: Stage) -> None:
    strike(stage, "ignores_valid_until")
    deadline_ms = stage.clock_ms + 2_000
    assert bid(stage, valid_until=deadline_ms) == {}
    assert events(stage) == []
    stage.tick(ms=5_100)
    assert stage.late[0]["order"]["creation_timestamp"] > deadline_ms
    assert events(stage) == ["new"]
    strike(stage, "ignores_valid_until")
    assert "order" in bid(stage, valid_until=stage.clock_ms - 1)
    assert bid(stage, valid_until=stage.clock_ms - 1)["code"] == 13888


def test_what_lies_is_judged_as_ever_upon_healing(stage: Stage) -> None:
    strike(stage, "ignores_valid_until")
    bid(stage, valid_until=stage.clock_ms + 60_000)
    bid(stage, valid_until=stage.clock_ms + 1_000)  # nothing is armed any more
    strike(stage, "ignores_valid_until")
    bid(stage, label="b", valid_until=stage.clock_ms + 1_000)
    stage.floor.trouble.heal()
    stage.tick(ms=1_500)
    assert [row.get("code") for row in stage.late] == [13888, None]  # by their time
    assert events(stage, "b") == []


@pytest.mark.parametrize(("side", "price"), [("buy", D(59990)), ("sell", D(60010))])
def test_a_price_is_moved_away_from_the_market(stage: Stage, side: str, price: D) -> None:
    strike(stage, "price_clamped")
    order = stage.order(side, amount=10, price=price)
    away = (order["price"] - price) * (-1 if side == "buy" else 1)
    assert D("0.5") <= away <= D("2.5")
    assert order["price"] == stage.venue.open[order["order_id"]].price
    assert stage.order(side, amount=10, price=price)["price"] == price


def test_a_price_beyond_the_band_is_moved_into_it(stage: Stage) -> None:
    strike(stage, "price_clamped")
    answer = stage.order("buy", amount=10, price=70_000)
    assert answer["price"] == D(60_900)  # mark + 1.5 %
    assert stage.order("buy", amount=10, price=70_000)["code"] == 10007


def test_a_refused_cancel_leaves_the_order_where_it_was(stage: Stage) -> None:
    order_id = bid(stage)["order"]["order_id"]
    strike(stage, "cancel_refused")
    assert stage.call("private/cancel", order_id="7")["code"] == 10004
    assert stage.call("private/cancel", order_id=order_id)["code"] == 11044
    assert (events(stage), count(stage, "cancel_refused")) == (["new"], 1)
    assert stage.call("private/cancel", order_id=order_id)["order_state"] == "cancelled"


@pytest.mark.parametrize("method", ["private/cancel", "private/cancel_all"])
def test_an_unanswered_cancel_has_been_carried_out(stage: Stage, method: str) -> None:
    order_id = bid(stage)["order"]["order_id"]
    strike(stage, "cancel_unanswered")
    assert stage.call(method, order_id=order_id) == {}
    assert events(stage) == ["new", "cancel"]
    assert stage.call("private/cancel_all") == 0


@pytest.mark.parametrize("name", [PERPETUAL, CALL])
def test_a_fill_is_told_well_before_the_answer(stage: Stage, name: str) -> None:
    stage.call("private/subscribe", channels=["user.trades.any.any.raw"])
    strike(stage, "fill_before_answer")
    bid(stage)  # it rests, so there is no fill to be told of
    price = 60000 if name == PERPETUAL else 0.0505
    taken = stage.call("private/buy", instrument_name=name, amount=10, price=price)
    assert taken == {}
    assert len(stage.on("user.trades.any.any.raw")) == 1
    stage.tick(ms=250)
    assert stage.late == []
    stage.tick(ms=2_800)
    assert len(stage.late[0]["trades"]) >= 1


@pytest.mark.trio
async def test_a_line_sends_a_late_answer_with_the_id_of_its_request(stage: Stage) -> None:
    line = Line(stage.floor, stage.peers["trade"])

    def ask(number: int, **more: Any) -> list[int]:
        params = {"instrument_name": PERPETUAL, "amount": 10, "price": 59990, "label": "a"} | more
        body = {"jsonrpc": "2.0", "id": number, "method": "private/buy", "params": params}
        line.hear(json.dumps(body).encode())
        return answered()

    def answered() -> list[int]:
        return [json.loads(frame)["id"] for frame in stage.peers["trade"].take()]

    strike(stage, "reply_late")
    assert ask(1, valid_until=START_MS + 3_000) == []
    strike(stage, "reply_dropped")
    assert ask(2) == []
    assert ask(3) == [3]
    stage.tick(ms=25_000)
    assert answered() == [1]
    strike(stage, "rate_refused")
    assert ask(4) == [4]
    assert stage.peers["trade"].is_closing


def test_over_http_an_order_is_answered_at_once_or_not_at_all(stage: Stage) -> None:
    stage.peers["trade"].is_socket = False
    for fault in ("reply_lost", "reply_dropped", "reply_late", "request_late"):
        strike(stage, fault)
    assert "order" in bid(stage, valid_until=stage.clock_ms + 9_000)
    assert sum(stage.floor.trouble.injected.values()) == 0
