from decimal import Decimal
from typing import Any

import pytest

from bot.domain.ids import InstrumentName, Label
from bot.domain.money import Amount, NotMoneyError, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.venue.envelope import encode_request
from bot.venue.order_request import OrderRequest, order_params

GOOD: dict[str, Any] = {
    "instrument": InstrumentName("BTC-25DEC26-76000-C"),
    "side": Side.BUY,
    "amount": Amount(Decimal("0.3")),
    "price": Price(Decimal("0.0315")),
    "label": Label("d-7Qk3-000412"),
    "time_in_force": TimeInForce.GTC,
    "post_only": True,
    "reduce_only": False,
    "valid_until_ms": 1_769_000_002_000,
}


def test_every_default_of_the_venue_is_spelt_out() -> None:
    # The request of PROTOCOL §8, byte for byte.
    frame = encode_request("private/buy", params=order_params(OrderRequest(**GOOD)), request_id=501)
    assert frame == (
        b'{"jsonrpc":"2.0","id":501,"method":"private/buy","params":{'
        b'"instrument_name":"BTC-25DEC26-76000-C","amount":0.3,"type":"limit","price":0.0315,'
        b'"label":"d-7Qk3-000412","time_in_force":"good_til_cancelled","post_only":true,'
        b'"reject_post_only":true,"reduce_only":false,"valid_until":1769000002000}}'
    )


@pytest.mark.parametrize(
    ("amount", "written"), [("1E+1", b"10"), ("10.00", b"10"), ("5e-8", b"0.00000005")]
)
def test_numbers_go_out_in_their_one_canonical_form(amount: str, written: bytes) -> None:
    request = OrderRequest(**GOOD | {"amount": Amount(Decimal(amount))})
    frame = encode_request("private/buy", params=order_params(request), request_id=1)
    assert b'"amount":' + written + b"," in frame


@pytest.mark.rule("C-107")
@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": Decimal(0)},
        {"amount": Decimal("-1")},
        {"amount": Decimal("NaN")},
        {"price": Decimal("Infinity")},
        {"price": Decimal(0)},
        {"label": ""},
        {"label": "x" * 65},
        {"label": "café"},
        {"label": "a\nb"},
        {"time_in_force": TimeInForce.IOC},  # with post_only
        {"valid_until_ms": 0},
    ],
)
def test_illegal_request_cannot_be_made(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValueError, NotMoneyError)):
        OrderRequest(**GOOD | wrong)


def test_label_of_64_characters_passes() -> None:
    assert OrderRequest(**GOOD | {"label": "x" * 64}).label == "x" * 64
