"""What the wire shows has every field that was recorded at the venue, and of its kind."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.bot.simulator.stage import CALL, FUTURE, PERPETUAL, Stage
from tests.shared import shared

# Recorded, and meant to be absent: settings and schemes that this exchange does not have.
ABSENT = {
    "block_rfq_self_match_prevention",
    "disable_kyc_verification",
    "change_margin_model_api_limit",
    "trading_products_details",
    "mandatory_tfa",
}


def recorded(name: str) -> Any:
    return json.loads(shared(f"deribit/captures/messages/{name}.json").read_text())


def kind_of(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float() | Decimal():
            return "number"
        case None:
            return "null"
        case _:
            return type(value).__name__


def check(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    missing = set(theirs) - set(ours) - ABSENT
    assert not missing
    for field, value in theirs.items():
        if field in ours and None not in (value, ours[field]):
            assert kind_of(ours[field]) == kind_of(value), field
        if isinstance(value, dict) and field in ("stats", "greeks"):
            assert set(value) - {"volume_notional"} <= set(ours[field]), field


@pytest.fixture
def traded(stage: Stage) -> Stage:
    stage.order("sell", CALL, amount=1, price="0.0495", label="L")
    stage.order("buy", PERPETUAL, amount=10, price=60000, label="L")
    return stage


@pytest.mark.parametrize(
    ("method", "params", "capture"),
    [
        ("public/get_order_book", {"instrument_name": CALL}, "public_get_order_book.option"),
        (
            "public/get_order_book",
            {"instrument_name": PERPETUAL},
            "public_get_order_book.perpetual",
        ),
        ("public/ticker", {"instrument_name": PERPETUAL}, "public_ticker.perpetual"),
        (
            "private/get_position",
            {"instrument_name": CALL},
            "private_get_position.option_zero_2019",
        ),
        (
            "private/get_account_summary",
            {"currency": "BTC", "extended": True},
            "private_get_account_summary.empty_account",
        ),
        (
            "private/buy",
            {"instrument_name": PERPETUAL, "amount": 10, "price": 59990, "post_only": True},
            "private_buy.open_limit",
        ),
    ],
)
def test_an_answer_has_the_recorded_fields(
    traded: Stage, method: str, params: dict[str, Any], capture: str
) -> None:
    ours, theirs = traded.call(method, **params), recorded(capture)["result"]
    if method == "private/buy":
        assert set(ours) == set(theirs)
        ours, theirs = ours["order"], theirs["order"]
    check(ours, theirs)


@pytest.mark.parametrize(
    ("method", "params", "pick", "capture", "row"),
    [
        ("public/get_instruments", {"currency": "BTC"}, CALL, "public_get_instruments.option", 0),
        (
            "public/get_instruments",
            {"currency": "BTC"},
            PERPETUAL,
            "public_get_instruments.future",
            0,
        ),
        (
            "public/get_book_summary_by_currency",
            {"currency": "BTC"},
            CALL,
            "public_get_book_summary_by_currency.option",
            1,
        ),
        (
            "public/get_book_summary_by_currency",
            {"currency": "BTC"},
            PERPETUAL,
            "public_get_book_summary_by_currency.future",
            1,
        ),
        (
            "private/get_positions",
            {"currency": "BTC"},
            CALL,
            "private_get_positions.option_short_2022",
            0,
        ),
    ],
)
def test_a_row_has_the_recorded_fields(
    traded: Stage, method: str, params: dict[str, Any], pick: str, capture: str, row: int
) -> None:
    (ours,) = [r for r in traded.call(method, **params) if r["instrument_name"] == pick]
    check(ours, recorded(capture)["result"][row])


def test_trades_have_the_recorded_fields(traded: Stage) -> None:
    mine = traded.call("private/get_user_trades_by_currency", currency="BTC", sorting="desc")
    theirs = recorded("private_get_user_trades_by_currency.one_trade")["result"]
    assert set(mine) == set(theirs)
    check(mine["trades"][0], theirs["trades"][0])
    public = traded.call("public/get_last_trades_by_instrument", instrument_name=PERPETUAL)
    theirs = recorded("public_get_last_trades_by_instrument.perpetual")["result"]
    check(public["trades"][0], theirs["trades"][0])


@pytest.mark.parametrize(
    ("channel", "capture"),
    [
        (f"ticker.{CALL}.100ms", "subscription_ticker.option"),
        (f"ticker.{FUTURE}.100ms", "subscription_ticker.future"),
        (f"ticker.{PERPETUAL}.100ms", "subscription_ticker.perpetual"),
        (f"quote.{PERPETUAL}", "subscription_quote.perpetual"),
        (f"book.{CALL}.100ms", "subscription_book.option_snapshot"),
        (f"book.{PERPETUAL}.none.10.100ms", "subscription_book_grouped.perpetual"),
        ("user.portfolio.btc", "subscription_user_portfolio.btc"),
    ],
)
def test_a_channel_has_the_recorded_fields(traded: Stage, channel: str, capture: str) -> None:
    assert traded.call("private/subscribe", channels=[channel]) == [channel]
    traded.tick(ms=1_000)
    ours, theirs = traded.on(channel)[0], recorded(capture)["params"]["data"]
    check(ours, theirs)


def test_changes_have_the_recorded_fields(traded: Stage) -> None:
    channel = "user.changes.any.any.raw"
    traded.call("private/subscribe", channels=[channel])
    traded.order("buy", PERPETUAL, amount=10, price=60000, label="L")
    (ours,) = traded.on(channel)
    theirs = recorded("subscription_user_changes.order_filled_ioc")["params"]["data"]
    assert set(ours) == set(theirs)
    for part in ("orders", "trades", "positions"):
        check(ours[part][0], theirs[part][0])
