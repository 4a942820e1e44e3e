"""Who may call what, at what cost, and what a wrong call is told."""

from typing import Any

import pytest

from bot.simulator.peer import Peer
from bot.simulator.rpc.cancelling import METHODS as CANCELLING
from bot.simulator.rpc.dispatch import TABLE, answer
from bot.simulator.rpc.lookup import METHODS as LOOK_UPS
from bot.simulator.rpc.trading import METHODS as TRADING
from bot.simulator.rpc.user_trades import METHODS as USER_TRADES
from tests.bot.simulator.stage import PERPETUAL, Stage


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("public/nothing", {}, {"code": -32601, "message": "Method not found"}),
        ("Public/test", {}, {"code": -32601, "message": "Method not found"}),
        (
            "private/get_account_summary",
            {},
            {
                "code": -32602,
                "message": "Invalid params",
                "data": {"reason": "value required", "param": "currency"},
            },
        ),
        (
            "public/get_instruments",
            {"currency": "BTC", "kind": "spoon"},
            {
                "code": -32602,
                "message": "Invalid params",
                "data": {"reason": "invalid value", "param": "kind"},
            },
        ),
        (
            "public/set_heartbeat",
            {"interval": 9},
            {
                "code": -32602,
                "message": "Invalid params",
                "data": {"reason": "value must be >= 10", "param": "interval"},
            },
        ),
        ("public/ticker", {"instrument_name": "X"}, {"code": 13020, "message": "not_found"}),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(
    stage: Stage, method: str, params: dict[str, Any], error: dict[str, Any]
) -> None:
    assert stage.call(method, **params) == error


@pytest.mark.parametrize("method", sorted(name for name in TABLE if name.startswith("private/")))
def test_nobody_calls_a_private_method_without_login(stage: Stage, method: str) -> None:
    assert stage.call(method, role="")["code"] == 13009


@pytest.mark.parametrize("row", [*TRADING, *CANCELLING], ids=lambda row: row.name)
def test_a_key_that_may_only_read_cannot_change_an_order(stage: Stage, row: Any) -> None:
    refused = stage.call(
        row.name,
        role="read",
        instrument_name=PERPETUAL,
        amount=10,
        price=59990,
        order_id="1",
        label="x",
        currency="BTC",
    )
    assert (refused["code"], refused["message"]) == (13021, "forbidden")


def test_a_key_that_may_read_sees_the_account_s_orders(stage: Stage) -> None:
    stage.order("buy", amount=10, price=59990)
    assert len(stage.call("private/get_open_orders", role="read")) == 1
    assert stage.call("private/get_open_orders", role="other") == []
    assert stage.call("private/enable_cancel_on_disconnect", role="read")["code"] == 13021


def test_an_expired_token_is_invalid_and_a_new_login_mends_it(stage: Stage) -> None:
    stage.token_s = 900.0
    refused = stage.call("private/get_open_orders")
    assert refused == {
        "code": 13009,
        "message": "unauthorized",
        "data": {"reason": "invalid_token"},
    }
    assert isinstance(stage.call("public/get_time"), int)
    stage.call(
        "public/auth",
        grant_type="client_credentials",
        client_id="trade",
        client_secret="trade-secret",
    )
    assert stage.call("private/get_open_orders") == []


def test_a_token_in_the_parameters_decides_over_the_connection_s(stage: Stage) -> None:
    token = stage.call(
        "public/auth",
        role="",
        grant_type="client_credentials",
        client_id="read",
        client_secret="read-secret",
        scope="session:r",
    )["access_token"]
    assert stage.order("buy", amount=10, price=59990, access_token=token)["code"] == 13021
    assert stage.order("buy", amount=10, price=59990, access_token="made up")["code"] == 13009


def test_a_burst_beyond_the_matching_limit_is_refused_and_creates_nothing(stage: Stage) -> None:
    codes = [stage.order("buy", amount=10, price=59990).get("code") for _ in range(25)]
    assert codes == [None] * 20 + [10028] * 5
    assert len(stage.call("private/get_open_orders")) == 20
    stage.tick(ms=200)
    assert stage.order("buy", amount=10, price=59990)["order_state"] == "open"


def test_the_keys_of_one_account_share_its_credits(stage: Stage) -> None:
    for _ in range(60):
        stage.call("public/get_time")
    codes = [stage.call("private/get_open_orders", role="read") for _ in range(60)]
    assert {"code": 10028, "message": "too_many_requests"} in codes
    assert stage.call("private/get_open_orders", role="other") == []


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("public/subscribe", -32602),
        ("public/set_heartbeat", 10030),
        ("private/enable_cancel_on_disconnect", 10030),
    ],
)
def test_what_needs_a_socket_is_refused_over_http(stage: Stage, method: str, code: int) -> None:
    peer = Peer(id="http", is_socket=False, wake=lambda: None)
    params = b'{"channels":["ticker.BTC-PERPETUAL.100ms"],"interval":10}'
    made = answer(
        stage.floor, peer, method=method, params=params, bearer=stage.peers["trade"].grant
    )
    assert made.result.code == code


def test_a_query_string_carries_numbers_and_booleans(stage: Stage) -> None:
    peer = Peer(id="http", is_socket=False, wake=lambda: None)
    made = answer(
        stage.floor,
        peer,
        method="private/buy",
        params={
            "instrument_name": PERPETUAL,
            "amount": "10",
            "price": "59990.5",
            "post_only": "true",
        },
        bearer=stage.peers["trade"].grant,
    )
    assert str(made.result["order"]["price"]) == "59990.5"
    assert made.result["order"]["post_only"] is True


def test_every_look_up_only_reads() -> None:
    assert {row.need for row in (*LOOK_UPS, *USER_TRADES)} == {("trade", 1)}
