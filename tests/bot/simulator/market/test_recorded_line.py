"""One line of a recording."""

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import OptionType
from bot.simulator.market.recorded_line import BadLineError, decode_line, recorded_instrument

LINE: dict[str, Any] = {
    "instrument_name": "BTC-28APR23-31000-C",
    "timestamp": 1681389351940,
    "bids": [[0.0315, 15.0]],
    "asks": [[0.0325, 3.2e1]],
    "mark_price": 0.0316,
    "index_price": 30215.35,
    "underlying_price": 30291.98,
    "underlying_index": "BTC-28APR23",
    "mark_iv": 52.02,
    "greeks": {"delta": 0.43325},
    "state": "open",
}


def _bytes(**changes: Any) -> bytes:
    return json.dumps(LINE | changes).encode()


def test_numbers_are_exact_from_the_text() -> None:
    line = decode_line(_bytes())
    assert line.bids[0].price == Decimal("0.0315")
    assert line.asks[0].amount == Decimal(32)
    assert line.index_price == Decimal("30215.35")
    assert line.mark_iv == Decimal("52.02")


def test_an_empty_side_is_a_side_without_quotes() -> None:
    assert decode_line(_bytes(bids=[])).bids == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"timestamp": 1}, "not a time"),
        ({"timestamp": "soon"}, "timestamp"),
        ({"bids": [[0.0, 0.0]]}, "not above 0"),
        ({"asks": [[0.0325, -1.0]]}, "not above 0"),
        ({"bids": [[0.0325, 1.0]]}, "crossed"),
        ({"asks": [[0.0335, 1.0], [0.0325, 1.0]]}, "best first"),
        ({"asks": [[0.0325 + i, 1.0] for i in range(101)]}, "101 levels"),
        ({"mark_price": -0.1}, "below 0"),
        ({"mark_price": None}, "mark_price"),
        ({"index_price": 0.0}, "index_price is 0"),
        ({"index_price": 1e300}, "too many digits"),
        ({"underlying_price": 0.0}, "underlying_price is 0"),
        ({"instrument_name": 7}, "instrument_name"),
    ],
)
def test_what_no_market_shows_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BadLineError, match=why):
        decode_line(_bytes(**changes))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b'{"timestamp": NaN}'])
def test_what_is_no_order_book_is_refused(text: bytes) -> None:
    with pytest.raises(BadLineError):
        decode_line(text)


def test_an_instrument_is_derived_from_its_name() -> None:
    found = recorded_instrument("BTC-28APR23-31000-C")
    assert found.expiry_ms == 1682668800000  # 2023-04-28T08:00Z
    assert found.strike == Decimal(31000)
    assert found.option_type is OptionType.CALL
    assert found.amount_min == Decimal("0.1")
    assert found.ticks.at(Decimal("0.001")) == found.ticks.at(Decimal("0.1")) == Decimal("0.0005")


@pytest.mark.parametrize("name", ["BTC-PERPETUAL", "XYZ-28APR23-31000-C", "BTC-31FEB23-1-C", "x"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadLineError, match="instrument"):
        recorded_instrument(name)
