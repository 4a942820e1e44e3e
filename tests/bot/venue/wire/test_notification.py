import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from bot.domain.instrument import BookState
from bot.domain.order import OrderState
from bot.domain.report import (
    BookChange,
    BookSnapshot,
    Fill,
    InstrumentState,
    OrderReport,
    PlatformState,
    PositionReport,
    Report,
    Ticker,
)
from bot.venue.undecodable import UndecodableError
from bot.venue.wire.notification import decode_notification

TICKER: dict[str, Any] = {
    "instrument_name": "BTC-25DEC26-76000-C",
    "timestamp": 1_769_000_001_219,
    "state": "open",
    "index_price": 83250.78,
    "min_price": 0.0945,
    "max_price": 0.1705,
    "mark_price": 0.1296,
    "best_bid_price": 0.1255,
    "best_bid_amount": 29.3,
    "best_ask_price": 0.133,
    "best_ask_amount": 29.3,
    "mark_iv": 38.25,
    "underlying_price": 84222.23,
}
ORDER: dict[str, Any] = {
    "order_id": "SLMS-1",
    "order_state": "untriggered",
    "order_type": "stop_market",
    "instrument_name": "BTC-PERPETUAL",
    "direction": "sell",
    "amount": 10,
    "creation_timestamp": 1,
    "last_update_timestamp": 2.0,
    "price": "market_price",
    "label": "",
    "time_in_force": "good_til_day",
}
FILL: dict[str, Any] = {
    "trade_id": "208465104",
    "instrument_name": "BTC-PERPETUAL",
    "timestamp": 1,
    "order_id": "7",
    "direction": "buy",
    "price": 92037.0,
    "amount": 10.0,
    "fee": -5e-08,
    "fee_currency": "BTC",
    "liquidity": "M",
    "mark_price": 1,
    "index_price": 1,
}


def decoded(channel: str, data: Any) -> tuple[Report, ...]:
    return decode_notification(channel, data=msgspec.Raw(json.dumps(data)))


@pytest.mark.parametrize("missing", [None, 0, 0.0, "absent"])
def test_missing_quote_has_one_form(missing: Any) -> None:
    data = TICKER | {"best_bid_price": missing, "best_bid_amount": missing}
    if missing == "absent":
        del data["best_bid_price"], data["best_bid_amount"]
    (ticker,) = decoded("ticker.BTC-25DEC26-76000-C.100ms", data)
    assert isinstance(ticker, Ticker)
    assert ticker.bid is None
    assert ticker.ask is not None


def test_percent_becomes_a_fraction_once() -> None:
    (ticker,) = decoded("ticker.X.raw", TICKER)
    assert isinstance(ticker, Ticker)
    assert ticker.mark_iv == 0.3825


@pytest.mark.parametrize(
    "wrong",
    [
        {"mark_price": None},
        {"mark_price": "NaN"},
        {"mark_price": "Infinity"},
        {"index_price": 1e200},
        {"timestamp": 1.5},
        {"best_bid_amount": -1},
        {"state": 7},
    ],
)
def test_ticker_that_does_not_fit_is_taken_not_at_all(wrong: dict[str, Any]) -> None:
    with pytest.raises(UndecodableError):
        decoded("ticker.X.raw", TICKER | wrong)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("open", BookState.OPEN),
        ("locked", BookState.LOCKED),
        ("archivized", BookState.ARCHIVED),
        ("started", BookState.OPEN),
        ("closed", BookState.DELIVERED),
        ("terminated", BookState.ARCHIVED),
        ("a word to come", BookState.UNKNOWN),
    ],
)
def test_book_states_of_both_generations_are_known(word: str, state: BookState) -> None:
    data = {"timestamp": 1, "state": word, "instrument_name": "X"}
    expected = InstrumentState(instrument=data["instrument_name"], at_ms=1, state=state)  # type: ignore[arg-type]  # a plain name
    assert decoded("instrument.state.any.any", data) == (expected,)


def test_snapshot_is_sorted_best_first() -> None:
    data = {
        "type": "snapshot",
        "timestamp": 1,
        "instrument_name": "X",
        "change_id": 5,
        "bids": [["new", 1.0, 1], ["new", 3.0, 1], ["new", 2.0, 1]],
        "asks": [["new", 5.0, 1], ["new", 4.0, 1]],
    }
    (book,) = decoded("book.X.raw", data)
    assert isinstance(book, BookSnapshot)
    assert [level.price for level in book.bids] == [3, 2, 1]
    assert [level.price for level in book.asks] == [4, 5]


def test_change_keeps_the_order_of_its_rows_and_deletes_with_zero() -> None:
    data = {
        "type": "change",
        "timestamp": 1,
        "instrument_name": "X",
        "prev_change_id": 5,
        "change_id": 9,
        "bids": [["change", 0.0065, 4.0], ["delete", 0.0055, 0.0], ["new", 0.007, 1]],
        "asks": [],
    }
    (change,) = decoded("book.X.100ms", data)
    assert isinstance(change, BookChange)
    assert (change.prev_change_id, change.change_id) == (5, 9)
    assert [str(row.price) for row in change.bids] == ["0.0065", "0.0055", "0.007"]
    assert [int(row.amount) for row in change.bids] == [4, 0, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"prev_change_id": None},
        {"type": "something"},
        {"bids": [["swap", 1, 1]]},
        {"bids": [["new", 1, 0]]},
        {"bids": [["new", 1]]},
        {"type": "snapshot", "bids": [["delete", 1, 0]]},
    ],
)
def test_book_message_that_does_not_fit_is_taken_not_at_all(wrong: dict[str, Any]) -> None:
    data = {
        "type": "change",
        "timestamp": 1,
        "instrument_name": "X",
        "prev_change_id": 5,
        "change_id": 9,
        "bids": [],
        "asks": [],
    }
    with pytest.raises(UndecodableError):
        decoded("book.X.100ms", data | wrong)


@pytest.mark.parametrize("data", [ORDER, [ORDER]])
def test_dormant_order_of_another_hand_is_read_in_both_shapes(data: Any) -> None:
    (order,) = decoded("user.orders.any.any.raw", data)
    assert isinstance(order, OrderReport)
    assert order.state is OrderState.UNTRIGGERED
    assert (order.price, order.average) == (None, None)
    assert order.filled == Decimal(0)
    assert (order.label, order.time_in_force) == (None, None)


@pytest.mark.rule("C-205")
@pytest.mark.parametrize("word", ["triggered", "archive", "a word to come"])
def test_order_state_that_we_do_not_know_is_unknown(word: str) -> None:
    (order,) = decoded("user.orders.any.any.raw", ORDER | {"order_state": word})
    assert isinstance(order, OrderReport)
    assert order.state is OrderState.UNKNOWN


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_type": "limit"},  # then price and filled_amount must be there
        {"order_type": "limit", "filled_amount": 0, "price": None},
        {"filled_amount": 11},
        {"filled_amount": -1},
        {"direction": "up"},
        {"amount": "ten"},
    ],
)
def test_order_that_does_not_fit_is_taken_not_at_all(wrong: dict[str, Any]) -> None:
    with pytest.raises(UndecodableError):
        decoded("user.orders.any.any.raw", ORDER | wrong)


@pytest.mark.parametrize(
    ("liquidity", "liquidation", "is_ours"),
    [("M", None, False), ("M", "T", False), ("M", "M", True), ("T", "MT", True)],
)
def test_liquidation_is_ours_only_on_our_side(
    liquidity: str, liquidation: str | None, is_ours: bool
) -> None:
    data = FILL | {"liquidity": liquidity, "liquidation": liquidation}
    (fill,) = decoded("user.trades.any.any.raw", [data])
    assert isinstance(fill, Fill)
    assert fill.is_liquidation is is_ours
    assert fill.fee == Decimal("-5E-8")  # a rebate keeps its sign


def test_combo_parent_is_left_out_and_its_legs_are_counted() -> None:
    parent = FILL | {"instrument_name": "BTC-CS-X", "legs": [{"trade_id": "1"}]}
    leg = FILL | {"trade_id": "1", "combo_id": "BTC-CS-X", "combo_trade_id": "208465104"}
    fills = decoded("user.trades.any.any.100ms", [parent, leg])
    assert [fill.trade_id for fill in fills if isinstance(fill, Fill)] == ["1"]
    assert len(fills) == 1


def test_changes_report_orders_fills_and_positions() -> None:
    position = {
        "instrument_name": "BTC-PERPETUAL",
        "direction": "buy",
        "size": 10.0,
        "mark_price": 92035.41,
        "delta": 0.0001,
        "average_price": 92037.0,
    }
    data = {"instrument_name": "X", "orders": [ORDER], "trades": [FILL], "positions": [position]}
    kinds = [type(report) for report in decoded("user.changes.any.any.raw", data)]
    assert kinds == [OrderReport, Fill, PositionReport]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"price_index": "sol_usdc", "locked": True},
            PlatformState(is_locked=True, is_maintenance=False, index="sol_usdc"),  # type: ignore[arg-type]  # a plain name
        ),
        ({"maintenance": True}, PlatformState(is_locked=False, is_maintenance=True)),
    ],
)
def test_platform_state_is_read(data: Any, expected: PlatformState) -> None:
    assert decoded("platform_state", data) == (expected,)


@pytest.mark.parametrize("channel", ["platform_state", "announcements", "user.lock", ""])
def test_channel_without_decoder_or_sense_is_undecodable(channel: str) -> None:
    with pytest.raises(UndecodableError):
        decoded(channel, {"hello": 1})
