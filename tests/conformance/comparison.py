"""Compare a decoded value, field by field, with the text of the message that it came from."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bot.domain.instrument import BookState, Instrument, Kind
from bot.domain.order import OrderState
from bot.domain.report import (
    Account,
    BookChange,
    BookSnapshot,
    Fill,
    Level,
    LevelChange,
    OrderReport,
    PositionReport,
    PublicTrade,
    Ticker,
)
from bot.venue.wire.book import OrderBook
from bot.venue.wire.order import OrderAnswer
from bot.venue.wire.trade import FillPage

__all__ = ["check", "same_digits"]


def same_digits(value: Decimal | None, text: str | None) -> bool:
    """Compare digits and exponent, not only the value: `0.10` is not `0.1` here."""
    if value is None or text is None:
        return value is None and text is None
    return value.as_tuple() == Decimal(text).as_tuple()


def check(decoded: Any, *, truth: Any) -> None:
    """Assert that one decoded value says what the parsed text says."""
    match decoded:
        case OrderBook():
            check(decoded.ticker, truth=truth)
            check(decoded.book, truth=truth)
        case OrderAnswer():
            check(decoded.order, truth=truth["order"])
            check(decoded.fills, truth=truth["trades"])
        case FillPage():
            assert decoded.has_more is truth["has_more"]
            check(decoded.fills, truth=truth["trades"])
        case Ticker():
            _ticker(decoded, truth=truth)
        case OrderReport():
            _order(decoded, truth=truth)
        case Fill():
            _fill(decoded, truth=truth)
        case PositionReport():
            _position(decoded, truth=truth)
        case Account():
            _account(decoded, truth=truth)
        case PublicTrade():
            _public_trade(decoded, truth=truth)
        case Instrument():
            _instrument(decoded, truth=truth)
        case BookSnapshot() | BookChange():
            _book(decoded, truth=truth)
        case tuple():
            rows = truth
            if isinstance(truth, dict):  # some lists come wrapped
                rows = truth["summaries"] if "summaries" in truth else truth["trades"]
            for one, row in zip(decoded, rows, strict=True):
                check(one, truth=row)
        case _:
            assert decoded == truth


def _all_same(pairs: Sequence[tuple[Decimal | None, str]], *, truth: dict[str, Any]) -> None:
    for value, key in pairs:
        assert same_digits(value, truth.get(key)), (key, value, truth.get(key))


def _average(truth: dict[str, Any]) -> str | None:
    average: str = truth["average_price"]
    return average if Decimal(average) else None  # the venue writes 0 for "none yet"


def _quote(price: str | None, amount: str | None) -> tuple[Decimal, Decimal] | None:
    if price is None or amount is None or Decimal(price) == 0:
        return None
    return Decimal(price), Decimal(amount)


def _pair(level: Level | None) -> tuple[Decimal, Decimal] | None:
    return None if level is None else (level.price, level.amount)


def _ticker(ticker: Ticker, *, truth: dict[str, Any]) -> None:
    assert ticker.instrument == truth["instrument_name"]
    assert ticker.at_ms == int(truth["timestamp"])
    assert ticker.state is BookState.OPEN
    assert _pair(ticker.bid) == _quote(truth["best_bid_price"], truth["best_bid_amount"])
    assert _pair(ticker.ask) == _quote(truth["best_ask_price"], truth["best_ask_amount"])
    pairs = [
        (ticker.mark, "mark_price"),
        (ticker.index, "index_price"),
        (ticker.price_min, "min_price"),
        (ticker.price_max, "max_price"),
        (ticker.settlement, "settlement_price"),
        (ticker.underlying, "underlying_price"),
        (ticker.delivery_estimate, "estimated_delivery_price"),
    ]
    _all_same(pairs, truth=truth)
    iv, funding = truth.get("mark_iv"), truth.get("funding_8h")
    assert ticker.mark_iv == (None if iv is None else float(Decimal(iv) / 100))
    assert ticker.funding_8h == (None if funding is None else float(funding))


def _order(order: OrderReport, *, truth: dict[str, Any]) -> None:
    assert order.order_id == truth["order_id"]
    assert order.label == truth["label"]
    assert order.instrument == truth["instrument_name"]
    assert order.side.value == truth["direction"]
    assert order.state is OrderState(truth["order_state"])
    assert order.time_in_force is not None
    assert order.time_in_force.value == truth["time_in_force"]
    assert order.post_only is truth["post_only"]
    assert order.reduce_only is truth["reduce_only"]
    assert order.created_ms == int(truth["creation_timestamp"])
    assert order.updated_ms == int(truth["last_update_timestamp"])
    assert order.cancel_reason == truth.get("cancel_reason")
    assert same_digits(order.average, _average(truth))
    pairs = [(order.price, "price"), (order.amount, "amount"), (order.filled, "filled_amount")]
    _all_same(pairs, truth=truth)


def _fill(fill: Fill, *, truth: dict[str, Any]) -> None:
    assert fill.instrument == truth["instrument_name"]
    assert fill.trade_id == truth["trade_id"]
    assert fill.order_id == truth["order_id"]
    assert fill.label == truth["label"]
    assert fill.at_ms == int(truth["timestamp"])
    assert fill.side.value == truth["direction"]
    assert fill.fee_currency == truth["fee_currency"]
    assert fill.liquidity.value == truth["liquidity"]
    assert fill.is_liquidation is False
    pairs = [
        (fill.price, "price"),
        (fill.amount, "amount"),
        (fill.fee, "fee"),
        (fill.mark, "mark_price"),
        (fill.index, "index_price"),
    ]
    _all_same(pairs, truth=truth)


def _position(position: PositionReport, *, truth: dict[str, Any]) -> None:
    assert position.instrument == truth["instrument_name"]
    assert position.delta == float(truth["delta"])
    assert same_digits(position.average, _average(truth))
    _all_same([(position.size, "size"), (position.mark, "mark_price")], truth=truth)


def _account(account: Account, *, truth: dict[str, Any]) -> None:
    assert account.currency == truth["currency"]
    assert account.delta_total == float(truth["delta_total"])
    pairs = [
        (account.equity, "equity"),
        (account.balance, "balance"),
        (account.margin_balance, "margin_balance"),
        (account.available, "available_funds"),
        (account.initial_margin, "initial_margin"),
        (account.maintenance_margin, "maintenance_margin"),
        (account.session_upl, "session_upl"),
        (account.session_rpl, "session_rpl"),
    ]
    _all_same(pairs, truth=truth)


def _public_trade(trade: PublicTrade, *, truth: dict[str, Any]) -> None:
    assert trade.instrument == truth["instrument_name"]
    assert trade.trade_id == truth["trade_id"]
    assert trade.seq == int(truth["trade_seq"])
    assert trade.at_ms == int(truth["timestamp"])
    assert trade.side.value == truth["direction"]
    _all_same([(trade.price, "price"), (trade.amount, "amount")], truth=truth)


def _instrument(instrument: Instrument, *, truth: dict[str, Any]) -> None:
    is_perpetual = truth["settlement_period"] == "perpetual"
    assert instrument.name == truth["instrument_name"]
    assert instrument.kind is (Kind.PERPETUAL if is_perpetual else Kind(truth["kind"]))
    assert instrument.is_inverse is (truth["instrument_type"] == "reversed")
    assert instrument.base == truth["base_currency"]
    assert instrument.currency == truth["settlement_currency"]
    assert instrument.index == truth["price_index"]
    assert instrument.expiry_ms == (None if is_perpetual else int(truth["expiration_timestamp"]))
    assert instrument.state is BookState.OPEN
    option_type = None if instrument.option_type is None else instrument.option_type.value
    assert option_type == truth.get("option_type")
    pairs = [
        (instrument.contract_size, "contract_size"),
        (instrument.amount_min, "min_trade_amount"),
        (instrument.ticks.tick, "tick_size"),
        (instrument.maker_rate, "maker_commission"),
        (instrument.taker_rate, "taker_commission"),
        (instrument.strike, "strike"),
    ]
    _all_same(pairs, truth=truth)
    for step, row in zip(instrument.ticks.steps, truth["tick_size_steps"], strict=True):
        assert same_digits(step.above_price, row["above_price"])
        assert same_digits(step.tick, row["tick_size"])


def _book(book: BookSnapshot | BookChange, *, truth: dict[str, Any]) -> None:
    assert book.instrument == truth["instrument_name"]
    assert book.at_ms == int(truth["timestamp"])
    assert book.change_id == int(truth["change_id"])
    previous = book.prev_change_id if isinstance(book, BookChange) else None
    assert previous == (int(truth["prev_change_id"]) if "prev_change_id" in truth else None)
    sides: list[tuple[Sequence[Level | LevelChange], list[list[str]]]] = [
        (book.bids, truth["bids"]),
        (book.asks, truth["asks"]),
    ]
    for levels, rows in sides:
        for level, row in zip(levels, rows, strict=True):
            assert same_digits(level.price, row[-2])
            assert level.amount == Decimal(row[-1])  # a deletion is 0, however many digits
