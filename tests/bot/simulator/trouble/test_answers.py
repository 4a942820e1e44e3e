"""What look-ups and other answers say that is not so, or not all."""

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.simulator.trouble.damage import UNKNOWN_STATE
from tests.bot.simulator.stage import PERPETUAL, Stage

TRADES = "private/get_user_trades_by_currency"
HISTORY = "private/get_order_history_by_currency"


def take(stage: Stage, times: int) -> None:
    for _ in range(times):
        stage.order("buy", amount=10, price=60000)
        stage.tick()


def rows(stage: Stage, method: str) -> Any:
    return stage.call(method, currency="BTC", count=100)


def test_look_ups_show_what_was_3_s_ago(stage: Stage) -> None:
    first = stage.order("buy", amount=10, price=59990)
    stage.floor.trouble.strike("lookup_stale")
    stage.tick()
    stage.call("private/cancel", order_id=first["order_id"])
    second = stage.order("buy", amount=10, price=60000)
    assert second["order_state"] == "filled"

    def seen() -> tuple[list[str], int, int]:
        resting = [row["order_id"] for row in stage.call("private/get_open_orders")]
        state = stage.call("private/get_order_state", order_id=second["order_id"])
        return resting, len(rows(stage, TRADES)["trades"]), state.get("code", 0)

    stage.tick(ms=2_900)
    assert seen() == ([first["order_id"]], 0, 10004)
    assert len(stage.call("private/sim_order_log")) == 4  # the truth is never late
    assert stage.size() == 10
    stage.tick()
    assert seen() == ([], 1, 0)
    take(stage, 1)
    assert len(rows(stage, TRADES)["trades"]) == 1
    stage.floor.trouble.heal()
    assert len(rows(stage, TRADES)["trades"]) == 2


@pytest.mark.parametrize("method", ["private/get_open_orders", TRADES, HISTORY])
def test_a_look_up_is_refused_for_the_moment(stage: Stage, method: str) -> None:
    stage.floor.trouble.strike("lookup_fails")
    assert rows(stage, method)["code"] in (10040, 11094, 13028)
    assert "code" not in rows(stage, method)


@pytest.mark.parametrize("method", [TRADES, HISTORY])
def test_a_page_misses_one_row(stage: Stage, method: str) -> None:
    def count() -> int:
        found = rows(stage, method)
        return len(found["trades"] if isinstance(found, dict) else found)

    stage.floor.trouble.strike("history_hole")
    assert count() == 0  # an empty page has no row to miss
    take(stage, 4)
    assert [count(), count()] == [3, 4]
    assert stage.floor.trouble.injected == {"history_hole": 1}


def test_a_page_ends_early_and_denies_that_there_is_more(stage: Stage) -> None:
    take(stage, 5)
    stage.floor.trouble.strike("page_cut")
    page = stage.call(TRADES, currency="BTC", count=4)
    assert (1 <= len(page["trades"]) <= 3, page["has_more"]) == (True, False)
    page = stage.call(TRADES, currency="BTC", count=4)
    assert (len(page["trades"]), page["has_more"]) == (4, True)
    stage.floor.trouble.strike("page_cut")
    page = stage.call(HISTORY, currency="BTC", count=4, with_continuation=True)
    assert (len(page["orders"]) < 4, page["continuation"]) == (True, None)


def test_the_time_is_wrong_once(stage: Stage) -> None:
    off = []
    for _ in range(20):
        stage.floor.trouble.strike("time_wrong")
        off.append(stage.call("public/get_time") - stage.clock_ms)
        assert stage.call("public/get_time") == stage.clock_ms
        stage.tick(ms=1_000)
    assert all(0 < abs(ms) <= 3_600_000 for ms in off)
    assert min(off) < 0 < max(off)


def test_an_order_is_in_a_state_that_nobody_knows(stage: Stage) -> None:
    stage.floor.trouble.strike("state_unknown")
    assert stage.order("buy", amount=10, price=59990)["order_state"] == UNKNOWN_STATE
    [found] = stage.call("private/get_open_orders")
    assert found["order_state"] == "open"
    stage.floor.trouble.strike("state_unknown")
    stage.call("private/subscribe", channels=["user.orders.any.any.raw"])
    stage.call("private/cancel_all")
    assert [row["order_state"] for row in stage.on("user.orders.any.any.raw")] == [UNKNOWN_STATE]


def test_one_field_of_an_answer_is_bad(stage: Stage) -> None:
    stage.order("buy", amount=10, price=59990)
    right = stage.call("private/get_open_orders")
    kinds = set()
    for _ in range(200):
        stage.floor.trouble.strike("bad_value")
        told = stage.call("private/get_open_orders")[0]
        stage.tick(ms=200)
        for key in right[0].keys() | told.keys():
            if told.get(key, "gone") != right[0].get(key, "gone"):
                kinds.add(str(told.get(key, "gone")))
    assert {"NaN", "None", "gone", "seventeen", "[]", "{'why': 1}", "1E+400"} <= kinds
    stage.floor.trouble.heal()
    assert stage.call("private/get_open_orders") == right


def test_one_field_of_a_notification_is_bad(stage: Stage) -> None:
    stage.call("private/subscribe", channels=["ticker.BTC-PERPETUAL.100ms"])
    keys = set(stage.call("public/ticker", instrument_name=PERPETUAL))
    stage.floor.trouble.strike("bad_value")
    for _ in range(1_000):
        stage.tick()
    told = stage.on("ticker.BTC-PERPETUAL.100ms")
    assert len(told) == 1_001  # with the one that opens
    assert stage.floor.trouble.injected == {"bad_value": 1}
    assert len([row for row in told if _is_odd(row, keys)]) <= 1


def _is_odd(row: dict[str, Any], keys: set[str]) -> bool:
    numbers = [v for v in row.values() if isinstance(v, Decimal)]
    return row.keys() != keys or "NaN" in json.dumps(row, default=str) or max(numbers) > 10**9


def test_the_order_log_is_never_spoilt(stage: Stage) -> None:
    stage.order("buy", amount=10, price=59990)
    right = stage.call("private/sim_order_log")
    for fault in ("bad_value", "state_unknown"):
        stage.floor.trouble.strike(fault)
    for _ in range(20):
        assert stage.call("private/sim_order_log") == right
    assert stage.floor.trouble.injected == {}


def test_a_login_is_void_until_the_next_one(stage: Stage) -> None:
    stage.floor.trouble.strike("login_lost")
    assert stage.call("public/get_time") == stage.clock_ms
    for _ in range(2):
        assert stage.order("buy", amount=10, price=59990)["code"] == 13009
    assert stage.call("private/get_open_orders", role="read") == []
    stage.call(
        "public/auth",
        grant_type="client_credentials",
        client_id="trade",
        client_secret="trade-secret",
    )
    assert "order_id" in stage.order("buy", amount=10, price=59990)
    assert stage.floor.trouble.injected == {"login_lost": 1}


@pytest.mark.parametrize(("wait_ms", "more"), [(1_000, 1), (4_000, 4)])
def test_credits_come_back_at_a_fifth(stage: Stage, wait_ms: int, more: int) -> None:
    def sent() -> int:
        answers = [stage.order("buy", amount=10, price=59990) for _ in range(40)]
        return len([a for a in answers if "order_id" in a])

    stage.floor.trouble.strike("rate_storm")
    assert sent() == 20
    stage.tick(ms=wait_ms)
    assert sent() == more
    stage.floor.trouble.heal()
    stage.tick(ms=wait_ms)
    assert sent() == min(5 * more, 20)
