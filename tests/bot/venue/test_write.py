import json
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.ids import Currency, InstrumentName, Label, OrderId, TradeId
from bot.domain.money import Amount, Price
from bot.domain.order import OrderState, TimeInForce
from bot.domain.side import Side
from bot.venue.order_request import OrderRequest
from bot.venue.outcome import Acked, Ambiguous, Cancelled, Rejected
from bot.venue.reply import NoReply, NotSent, Ok, Refused
from bot.venue.write import WritePort
from tests.bot.venue.scripted import ScriptedCall

REQUEST = OrderRequest(
    instrument=InstrumentName("BTC-PERPETUAL"),
    side=Side.BUY,
    amount=Amount(Decimal(10)),
    price=Price(Decimal("92100")),
    label=Label("test-label-2"),
    time_in_force=TimeInForce.IOC,
    post_only=False,
    reduce_only=False,
    valid_until_ms=1_765_505_268_000,
)
ORDER: dict[str, Any] = {
    "label": "test-label-2",
    "price": 9.21e4,
    "amount": 10.0,
    "direction": "buy",
    "time_in_force": "immediate_or_cancel",
    "instrument_name": "BTC-PERPETUAL",
    "order_id": "74365704227",
    "creation_timestamp": 1765505266849,
    "filled_amount": 10.0,
    "last_update_timestamp": 1765505266849,
    "post_only": False,
    "reduce_only": False,
    "average_price": 92037.0,
    "order_state": "filled",
    "order_type": "limit",
}
TRADE: dict[str, Any] = {
    "label": "test-label-2",
    "timestamp": 1765505266849,
    "price": 92037.0,
    "amount": 10.0,
    "direction": "buy",
    "index_price": 92035.22,
    "instrument_name": "BTC-PERPETUAL",
    "trade_seq": 123024306,
    "mark_price": 92035.41,
    "order_id": "74365704227",
    "trade_id": "208465104",
    "fee_currency": "BTC",
    "fee": 5.0e-8,
    "liquidity": "T",
}


def ok(value: Any) -> Ok:
    return Ok(result=json.dumps(value).encode(), us_in=None, us_out=None)


async def _buy(call: ScriptedCall) -> Any:
    return await WritePort(call=call).buy(REQUEST, deadline_s=5, is_exit=False)


@pytest.mark.trio
async def test_reply_that_is_filled_already_says_so() -> None:
    call = ScriptedCall(ok({"order": ORDER, "trades": [TRADE]}))
    outcome = await _buy(call)
    assert isinstance(outcome, Acked)
    assert outcome.order.state is OrderState.FILLED
    assert [fill.trade_id for fill in outcome.fills] == [TradeId("208465104")]
    assert outcome.fills[0].fee == Decimal("5E-8")
    assert outcome.mismatch == ()
    assert call.asked[0][0] == "private/buy"


@pytest.mark.trio
@pytest.mark.parametrize(
    ("echo", "fields"),
    [
        ({"price": 92099.5}, ("price",)),
        ({"price": "market_price"}, ("price",)),
        ({"amount": 20.0}, ("amount",)),
        ({"label": "somebody-elses"}, ("label",)),
        ({"label": ""}, ("label",)),
        ({"direction": "sell"}, ("side",)),
        ({"reduce_only": True, "post_only": True}, ("post_only", "reduce_only")),
    ],
)
async def test_echo_that_differs_from_the_request_is_named(
    echo: dict[str, Any], fields: tuple[str, ...]
) -> None:
    outcome = await _buy(ScriptedCall(ok({"order": ORDER | echo, "trades": []})))
    assert isinstance(outcome, Acked)
    assert outcome.mismatch == fields


@pytest.mark.trio
@pytest.mark.rule("C-107")
async def test_success_that_shows_a_cancelled_order_is_read_for_what_it_is() -> None:
    order = ORDER | {"order_state": "cancelled", "filled_amount": 0.0, "cancel_reason": "new word"}
    outcome = await _buy(ScriptedCall(ok({"order": order, "trades": []})))
    assert isinstance(outcome, Acked)
    assert outcome.order.state is OrderState.CANCELLED
    assert outcome.order.cancel_reason == "new word"


@pytest.mark.trio
@pytest.mark.rule("C-205")
@pytest.mark.parametrize(
    "result",
    [
        b"null",
        b'"ok"',
        b"{}",
        json.dumps({"order": ORDER}).encode(),
        json.dumps({"order": ORDER | {"amount": "NaN"}, "trades": []}).encode(),
        json.dumps({"order": ORDER | {"price": None}, "trades": []}).encode(),
        json.dumps({"order": ORDER | {"filled_amount": 11}, "trades": []}).encode(),
        json.dumps({"order": ORDER, "trades": [{"trade_id": "1"}]}).encode(),
    ],
)
async def test_undecodable_answer_is_ambiguous_and_never_a_reject(result: bytes) -> None:
    outcome = await _buy(ScriptedCall(Ok(result=result, us_in=None, us_out=None)))
    assert isinstance(outcome, Ambiguous)


@pytest.mark.trio
@pytest.mark.rule("C-205")
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (NotSent(why="no connection"), NotSent(why="no connection")),
        (NoReply(why="cut"), Ambiguous(why="cut")),
        (
            Refused(code=10009, message="not_enough_funds"),
            Rejected(code=10009, message="not_enough_funds", needs_lookup=False),
        ),
        (
            Refused(code=13888, message="timed_out"),
            Rejected(code=13888, message="timed_out", needs_lookup=True),
        ),
        (Refused(code=10040, message="retry"), Ambiguous(why="10040 retry")),
        (Refused(code=4711, message="new"), Ambiguous(why="4711 new")),
        (
            Refused(code=10002, message="insufficient_funds"),
            Ambiguous(why="10002 insufficient_funds"),
        ),
    ],
)
async def test_every_other_reply_has_its_outcome(reply: Any, expected: Any) -> None:
    assert await _buy(ScriptedCall(reply)) == expected


@pytest.mark.trio
async def test_edit_sends_the_new_total_and_leaves_label_and_life() -> None:
    call = ScriptedCall(Refused(code=11054, message="post_only_reject"))
    port = WritePort(call=call)
    outcome = await port.edit(OrderId("1"), REQUEST, deadline_s=5, is_exit=True)
    # A crossing post-only edit cancels the order itself.
    assert outcome == Rejected(code=11054, message="post_only_reject", needs_lookup=True)
    method, params = call.asked[0]
    assert method == "private/edit"
    assert sorted(params) == [
        "amount",
        "order_id",
        "post_only",
        "price",
        "reduce_only",
        "reject_post_only",
        "valid_until",
    ]
    assert call.exits == [True]


@pytest.mark.trio
async def test_side_and_method_cannot_contradict() -> None:
    call = ScriptedCall()
    with pytest.raises(ValueError, match="not a sell"):
        await WritePort(call=call).sell(REQUEST, deadline_s=5, is_exit=False)
    assert call.asked == []


@pytest.mark.trio
async def test_cancel_shows_the_order_with_what_filled_before() -> None:
    order = ORDER | {"order_state": "cancelled", "filled_amount": 4.0}
    call = ScriptedCall(ok(order))
    outcome = await WritePort(call=call).cancel(OrderId("74365704227"), deadline_s=5)
    assert isinstance(outcome, Acked)
    assert (outcome.order.filled, outcome.mismatch) == (Decimal(4), ())
    assert call.exits == [True]


@pytest.mark.trio
async def test_cancel_of_what_is_not_open_is_to_be_looked_up() -> None:
    call = ScriptedCall(Refused(code=11044, message="not_open_order"))
    outcome = await WritePort(call=call).cancel(OrderId("1"), deadline_s=5)
    assert outcome == Rejected(code=11044, message="not_open_order", needs_lookup=True)


@pytest.mark.trio
async def test_mass_cancels_count_and_zero_is_a_success() -> None:
    call = ScriptedCall(ok(0), ok(3), ok([]), NoReply(why="cut"))
    port, btc = WritePort(call=call), Currency("BTC")
    assert await port.cancel_all_by_currency(btc, deadline_s=5) == Cancelled(count=0)
    by_label = await port.cancel_by_label(Label("l"), currency=btc, deadline_s=5)
    assert by_label == Cancelled(count=3)
    assert isinstance(await port.cancel_all_by_currency(btc, deadline_s=5), Ambiguous)
    assert await port.cancel_all_by_currency(btc, deadline_s=5) == Ambiguous(why="cut")
    assert call.asked[1] == ("private/cancel_by_label", {"label": "l", "currency": "BTC"})
