"""Every real message that was captured from the venue decodes, exact to the last digit.

What is expected is read from the capture itself by the standard library's parser, told to keep the
text of each number; nothing is compared with our own output.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest

from bot.venue.envelope import decode_envelope
from bot.venue.errors import ERRORS
from bot.venue.wire.account import (
    decode_account,
    decode_accounts,
    decode_position,
    decode_positions,
)
from bot.venue.wire.book import decode_order_book
from bot.venue.wire.instrument import decode_instruments
from bot.venue.wire.notification import decode_notification
from bot.venue.wire.order import decode_order, decode_order_answer
from bot.venue.wire.ticker import decode_ticker
from bot.venue.wire.trade import decode_fill_page, decode_trade_page
from tests.conformance.comparison import check, same_digits
from tests.shared import shared

_MESSAGES: Final = "deribit/captures/messages"
_CHAINS: Final = "deribit/captures/chains"
_MESSAGES_MIN: Final = 54

RESULTS: Final[dict[str, Callable[[bytes], Any]]] = {
    "private_buy": decode_order_answer,
    "private_sell": decode_order_answer,
    "private_edit": decode_order_answer,
    "private_cancel": decode_order,
    "private_get_account_summaries": decode_accounts,
    "private_get_account_summary": decode_account,
    "private_get_position": decode_position,
    "private_get_positions": decode_positions,
    "private_get_user_trades_by_currency": decode_fill_page,
    "public_get_instruments": decode_instruments,
    "public_get_last_trades_by_instrument": decode_trade_page,
    "public_get_order_book": decode_order_book,
    "public_ticker": decode_ticker,
    "public_set_heartbeat": msgspec.json.Decoder(str).decode,
    "public_subscribe": msgspec.json.Decoder(tuple[str, ...]).decode,
}
# The engine asks for none of these: only their envelope is ours to take.
UNUSED: Final = {
    "public_get_book_summary_by_currency",
    "public_get_tradingview_chart_data",
    "subscription_chart_trades",
    "subscription_quote",
}


def _truth(raw: bytes) -> Any:
    return json.loads(raw, parse_float=str, parse_int=str)


def _lines(name: str) -> Iterator[bytes]:
    with gzip.open(shared(_CHAINS) / name, "rb") as lines:
        yield from lines


def _check_message(kind: str, *, raw: bytes) -> None:
    envelope, truth = decode_envelope(raw), _truth(raw)
    if "error" in truth:
        assert envelope.error is not None
        assert envelope.error.code == int(truth["error"]["code"])
        assert envelope.error.message == truth["error"]["message"]
        assert envelope.error.code in ERRORS
        assert envelope.us_in == int(truth["usIn"])
        assert envelope.us_out == int(truth["usOut"])
        assert envelope.is_testnet is truth["testnet"]
    elif kind in UNUSED:
        assert envelope.result or envelope.notification
    elif envelope.result is not None:
        result = truth["result"]
        if kind == "public_get_instruments":  # a combo is not ours to trade and is left out
            result = [row for row in result if row["kind"] in ("future", "option")]
        check(RESULTS[kind](envelope.result), truth=result)
    else:
        assert envelope.notification is not None
        channel, data = truth["params"]["channel"], truth["params"]["data"]
        assert envelope.notification.channel == channel
        if kind == "subscription_user_changes":
            data = [*data["orders"], *data["trades"], *data["positions"]]
        rows = data if isinstance(data, list) else [data]
        check(decode_notification(channel, data=envelope.notification.data), truth=rows)


def test_every_captured_message_decodes_with_every_digit() -> None:
    paths = sorted(shared(_MESSAGES).glob("*.json"))
    assert len(paths) >= _MESSAGES_MIN
    for path in paths:
        _check_message(path.name.split(".")[0], raw=path.read_bytes())


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("btc_5min_2023-04-12_2023-04-14.jsonl.gz", 15_704),
        ("btc_full_chain_2023-04-13T1235Z.jsonl.gz", 724),
    ],
)
def test_every_recorded_order_book_decodes_with_every_digit(name: str, count: int) -> None:
    seen = 0
    for line in _lines(name):
        check(decode_order_book(line), truth=_truth(line))
        seen += 1
    assert seen == count


class _Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the six-hourly recording, in the recorder's own tidy shape."""

    snapshot: int
    timestamp: int
    instrument_name: str
    option_type: str
    strike: Decimal
    expiration_timestamp: int
    bid_price: Decimal | None
    ask_price: Decimal | None
    mark_price: Decimal
    mark_iv: Decimal
    delta: Decimal
    vega: Decimal
    open_interest: Decimal
    volume: Decimal
    underlying_price: Decimal
    underlying_index: str
    index_price: Decimal


class _TopBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    instrument: str
    delta: Decimal
    mark_price: Decimal
    oi: Decimal
    n_bid_lvl: int
    n_ask_lvl: int
    bid_depth: Decimal
    ask_depth: Decimal
    bids_top3: tuple[tuple[Decimal, Decimal], ...]
    asks_top3: tuple[tuple[Decimal, Decimal], ...]


class _TopBooks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    timestamp: int
    index_price: Decimal
    dvol: Decimal
    books: tuple[_TopBook, ...]


def test_every_line_of_the_six_hour_summaries_decodes_with_every_digit() -> None:
    decoder, seen = msgspec.json.Decoder(_Summary), 0
    for line in _lines("btc_6h_summary_2026-01-22_2026-02-20.jsonl.gz"):
        summary, truth = decoder.decode(line), _truth(line)
        for field in ("bid_price", "ask_price", "mark_price", "index_price", "underlying_price"):
            assert same_digits(getattr(summary, field), truth[field])
        seen += 1
    assert seen == 3_430


def test_every_line_of_the_three_level_books_decodes_with_every_digit() -> None:
    decoder, seen = msgspec.json.Decoder(_TopBooks), 0
    for line in _lines("btc_puts_top3_2026-06-14_2026-07-27.jsonl.gz"):
        books, truth = decoder.decode(line), _truth(line)
        assert same_digits(books.index_price, truth["index_price"])
        for book, row in zip(books.books, truth["books"], strict=True):
            seen += 1
            for levels, texts in (
                (book.bids_top3, row["bids_top3"]),
                (book.asks_top3, row["asks_top3"]),
            ):
                for level, text in zip(levels, texts, strict=True):
                    assert all(map(same_digits, level, text))
    assert seen == 7_289
