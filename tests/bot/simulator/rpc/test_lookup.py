"""What the venue remembers, and for how long (PROTOCOL §11)."""

from decimal import Decimal

import pytest

from bot.domain.instant import DAY_MS, MINUTE_MS
from tests.bot.simulator.stage import CALL, PERPETUAL, Stage

D = Decimal
HISTORY = "private/get_order_history_by_currency"
TRADES = "private/get_user_trades_by_currency"


def test_a_closed_unfilled_order_is_gone_after_thirty_minutes(stage: Stage) -> None:
    order = stage.order("buy", amount=10, price=59990, label="L")
    stage.call("private/cancel", order_id=order["order_id"])
    assert stage.call(HISTORY, currency="BTC") == []
    assert len(stage.call(HISTORY, currency="BTC", include_unfilled=True)) == 1
    stage.tick(ms=30 * MINUTE_MS - 100)
    assert len(stage.call("private/get_order_state_by_label", currency="BTC", label="L")) == 1
    stage.tick(ms=101)
    assert stage.call("private/get_order_state_by_label", currency="BTC", label="L") == []
    assert stage.call("private/get_order_state", order_id=order["order_id"])["code"] == 10004
    for historical in (False, True):
        assert (
            stage.call(HISTORY, currency="BTC", include_unfilled=True, historical=historical) == []
        )


def test_a_filled_order_moves_to_the_historical_view(stage: Stage) -> None:
    stage.order("buy", amount=10, price=60000)
    assert len(stage.call(HISTORY, currency="BTC")) == 1
    assert stage.call(HISTORY, currency="BTC", historical=True) == []
    stage.tick(ms=31 * MINUTE_MS)
    assert stage.call(HISTORY, currency="BTC") == []
    assert len(stage.call(HISTORY, currency="BTC", historical=True)) == 1


def test_trades_are_recent_for_a_day_and_historical_afterwards(stage: Stage) -> None:
    stage.order("buy", amount=10, price=60000)
    assert len(stage.call(TRADES, currency="BTC")["trades"]) == 1
    assert stage.call(TRADES, currency="BTC", historical=True)["trades"] == []
    stage.tick(ms=DAY_MS + 1)
    assert stage.call(TRADES, currency="BTC")["trades"] == []
    assert len(stage.call(TRADES, currency="BTC", historical=True)["trades"]) == 1


def test_a_label_is_looked_up_within_its_settlement_currency(stage: Stage) -> None:
    stage.order("buy", "BTC_USDC-PERPETUAL", amount="0.01", price=59990, label="L")
    look_up = "private/get_order_state_by_label"
    assert stage.call(look_up, currency="BTC", label="L") == []
    (order,) = stage.call(look_up, currency="USDC", label="L")
    assert order["order_id"].startswith("USDC-")


def test_trades_are_paged_by_id_with_overlap_until_there_is_no_more(stage: Stage) -> None:
    for _ in range(5):
        stage.order("buy", amount=10, price=60000)
    first = stage.call(TRADES, currency="BTC", count=3, sorting="asc")
    assert (len(first["trades"]), first["has_more"]) == (3, True)
    last = first["trades"][-1]["trade_id"]
    rest = stage.call(TRADES, currency="BTC", count=3, sorting="asc", start_id=last)
    assert (rest["trades"][0]["trade_id"], len(rest["trades"]), rest["has_more"]) == (
        last,
        3,
        False,
    )
    newest = stage.call(TRADES, currency="BTC", count=1, sorting="desc")
    assert newest["trades"][0]["trade_id"] == rest["trades"][-1]["trade_id"]


def test_an_order_s_trades_add_up_to_its_filled_amount(stage: Stage) -> None:
    order = stage.order("buy", amount=1500, price="60000.5", label="sum")
    trades = stage.call("private/get_user_trades_by_order", order_id=order["order_id"])
    assert sum(D(t["amount"]) for t in trades) == D(order["filled_amount"]) == 1500
    assert {t["label"] for t in trades} == {"sum"}


def test_history_gives_twenty_unless_asked_and_goes_on(stage: Stage) -> None:
    for _ in range(25):
        stage.order("buy", CALL, amount="0.1", price="0.0505")
        stage.tick(ms=1_000)
    assert len(stage.call(HISTORY, currency="BTC")) == 20
    page = stage.call(HISTORY, currency="BTC", count=20, with_continuation=True)
    more = stage.call(
        HISTORY, currency="BTC", with_continuation=True, continuation=page["continuation"]
    )
    assert (len(page["orders"]), len(more["orders"]), more["continuation"]) == (20, 5, None)
    assert not {o["order_id"] for o in page["orders"]} & {o["order_id"] for o in more["orders"]}


@pytest.mark.parametrize("method", [HISTORY, TRADES])
@pytest.mark.parametrize("count", [0, 1_001])
def test_a_count_beyond_its_bounds_is_an_error(stage: Stage, method: str, count: int) -> None:
    assert stage.call(method, currency="BTC", count=count)["code"] == -32602


def test_open_orders_are_narrowed_by_what_is_named(stage: Stage) -> None:
    stage.order("buy", amount=10, price=59990, label="a")
    stage.order("buy", CALL, amount=1, price="0.045", label="b")

    def labels(method: str, **params: str) -> set[str]:
        return {order["label"] for order in stage.call(f"private/{method}", **params)}

    assert labels("get_open_orders") == {"a", "b"}
    assert labels("get_open_orders", kind="option") == {"b"}
    assert labels("get_open_orders_by_currency", currency="ETH") == set()
    assert labels("get_open_orders_by_instrument", instrument_name=PERPETUAL) == {"a"}
    assert labels("get_open_orders_by_label", currency="BTC", label="b") == {"b"}
