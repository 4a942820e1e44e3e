import json
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.ids import Currency, Label, OrderId, TradeId
from bot.venue.read import NoSuchOrder, ReadFailed, ReadPort, VenueTime
from bot.venue.reply import NoReply, NotSent, Ok, Refused, Reply
from tests.bot.venue.scripted import ScriptedCall
from tests.bot.venue.test_write import ORDER, TRADE, ok

BTC = Currency("BTC")


def trades(*ids: int, has_more: bool) -> Ok:
    rows = [TRADE | {"trade_id": str(n), "timestamp": 1_000} for n in ids]
    return ok({"trades": rows, "has_more": has_more})


def port(*replies: Reply) -> tuple[ReadPort, ScriptedCall]:
    call = ScriptedCall(*replies)
    return ReadPort(call=call), call


@pytest.mark.trio
async def test_time_comes_with_the_servers_own_stamps() -> None:
    read, _ = port(Ok(result=b"1769000000123", us_in=5, us_out=7))
    assert await read.get_time() == VenueTime(at_ms=1_769_000_000_123, us_in=5, us_out=7)


@pytest.mark.trio
@pytest.mark.rule("C-206")
@pytest.mark.parametrize(
    ("reply", "is_retryable"),
    [
        (NoReply(why="cut"), True),
        (NotSent(why="no connection"), True),
        (Refused(code=13028, message="temporarily_unavailable"), True),
        (Refused(code=13021, message="forbidden"), False),
        (Ok(result=b"null", us_in=None, us_out=None), False),
        (Ok(result=b'{"orders":[]}', us_in=None, us_out=None), False),
    ],
)
async def test_failed_read_is_never_an_empty_answer(reply: Reply, is_retryable: bool) -> None:
    for ask in ("open_orders", "positions", "order_history", "instruments", "account"):
        read, _ = port(reply)
        answer = await getattr(read, ask)(BTC)
        assert isinstance(answer, ReadFailed), ask
        assert answer.is_retryable is is_retryable, ask


@pytest.mark.trio
async def test_label_without_orders_is_an_answer() -> None:
    read, call = port(ok([]))
    assert await read.orders_by_label(BTC, label=Label("l")) == ()
    assert call.asked == [("private/get_order_state_by_label", {"currency": "BTC", "label": "l"})]


@pytest.mark.trio
async def test_unknown_order_id_is_a_negative_answer_only_in_the_venues_own_words() -> None:
    read, _ = port(
        Refused(code=10004, message="order_not_found"), Refused(code=10004, message="not_found")
    )
    assert await read.order_state(OrderId("9")) == NoSuchOrder(order_id=OrderId("9"))
    assert isinstance(await read.order_state(OrderId("9")), ReadFailed)


@pytest.mark.trio
@pytest.mark.rule("C-209")
async def test_trades_are_paged_with_overlap_until_nothing_more() -> None:
    read, call = port(
        trades(8, 9, 10, has_more=True),
        trades(10, 11, has_more=True),
        trades(11, 12, has_more=False),
    )
    fills = await read.user_trades(BTC, start=1_000)
    assert not isinstance(fills, ReadFailed)
    # By number, not by text: 8 before 10, although all share one millisecond.
    assert [fill.trade_id for fill in fills] == ["8", "9", "10", "11", "12"]
    keys = [{k: v for k, v in params.items() if k.startswith("start")} for _, params in call.asked]
    assert keys == [{"start_timestamp": 1_000}, {"start_id": "10"}, {"start_id": "11"}]
    assert all(params["sorting"] == "asc" for _, params in call.asked)
    assert all(params["count"] == 1_000 for _, params in call.asked)


@pytest.mark.trio
@pytest.mark.rule("C-209")
@pytest.mark.parametrize(
    "second",
    [NoReply(why="cut"), trades(9, has_more=True), trades(has_more=True)],
)
async def test_trades_that_break_off_are_a_failed_read(second: Reply) -> None:
    read, _ = port(trades(8, 9, has_more=True), second)
    assert isinstance(await read.user_trades(BTC, start=TradeId("8")), ReadFailed)


@pytest.mark.trio
async def test_trades_without_end_are_a_failed_read() -> None:
    read, call = port(*(trades(n, has_more=True) for n in range(200)))
    assert isinstance(await read.user_trades(BTC, start=0), ReadFailed)
    assert len(call.asked) == 100


@pytest.mark.trio
async def test_history_asks_for_unfilled_orders_and_pages_to_its_end() -> None:
    def page(first: int, count: int, **change: Any) -> Ok:
        return ok([ORDER | {"order_id": str(n)} | change for n in range(first, first + count)])

    later = ORDER["last_update_timestamp"] + 1
    read, call = port(page(0, 1_000), page(999, 2, last_update_timestamp=later))
    orders = await read.order_history(BTC)
    assert not isinstance(orders, ReadFailed)
    assert len(orders) == 1_001
    assert {order.order_id: order.updated_ms for order in orders}[OrderId("999")] == later
    assert [params["offset"] for _, params in call.asked] == [0, 1_000]
    assert all(params["include_unfilled"] is True for _, params in call.asked)


@pytest.mark.trio
async def test_positions_keep_their_sign() -> None:
    row = {"instrument_name": "X", "mark_price": 0.1, "delta": 0.5, "average_price": 0.0}
    read, _ = port(ok([row | {"direction": "sell", "size": -0.3}]))
    positions = await read.positions(BTC)
    assert not isinstance(positions, ReadFailed)
    assert (positions[0].size, positions[0].average) == (Decimal("-0.3"), None)
    read, _ = port(ok([row | {"direction": "buy", "size": -0.3}]))
    assert isinstance(await read.positions(BTC), ReadFailed)


@pytest.mark.trio
@pytest.mark.parametrize(
    ("result", "locked"),
    [
        ({"locked": False}, [(False, None)]),
        ({"locked": "false", "locked_indices": []}, [(False, None)]),
        ({"locked": True, "locked_currencies": ["BTC"]}, [(True, None)]),
        ({"locked": "true"}, [(True, None)]),
        (
            {"locked": "partial", "locked_indices": ["btc_usd", "eth_usd"]},
            [(True, "btc_usd"), (True, "eth_usd")],
        ),
        ({"locked": False, "locked_indices": ["sol_usdc"]}, [(True, "sol_usdc")]),
        ({"locked": "partial", "locked_currencies": ["BTC"]}, [(True, None)]),
        ({"locked": "whatever"}, [(True, None)]),
        ({}, [(True, None)]),
    ],
)
async def test_status_that_is_not_clearly_open_is_locked(
    result: dict[str, Any], locked: list[tuple[bool, str | None]]
) -> None:
    read, _ = port(Ok(result=json.dumps(result).encode(), us_in=None, us_out=None))
    states = await read.status()
    assert not isinstance(states, ReadFailed)
    assert [(state.is_locked, state.index) for state in states] == locked
