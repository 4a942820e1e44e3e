"""Frames, byte for byte."""

import json
from decimal import Decimal

import pytest

from bot.simulator.refusal import Refused, bad_param
from bot.simulator.wire import BODY_MAX, Request, decode_request, encode, reply


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff", -32700),
        (b"[1]", 11050),
        (b'[{"jsonrpc":"2.0","id":1,"method":"public/test"}]', 11050),
        (b'{"jsonrpc":"1.0","id":1,"method":"public/test"}', 11050),
        (b'{"jsonrpc":"2.0","method":"public/test"}', 11050),
        (b'{"jsonrpc":"2.0","id":1,"method":"public/test","params":[1]}', 11050),
        (b" " * (BODY_MAX + 1), -32600),
    ],
)
def test_what_is_no_request_has_its_code(body: bytes, code: int) -> None:
    result = decode_request(body)
    assert isinstance(result, Refused)
    assert result.code == code


def test_a_request_may_leave_parameters_out_and_have_any_id() -> None:
    assert decode_request(b'{"jsonrpc":"2.0","id":"x","method":"public/test"}') == Request(
        "x", "public/test", b"{}"
    )


def test_numbers_keep_every_digit() -> None:
    assert encode({"a": Decimal("0.10"), "b": Decimal("91701.5")}) == b'{"a":0.10,"b":91701.5}'


def test_an_error_looks_as_it_was_recorded() -> None:
    frame = reply(7, result=bad_param("interval", reason="value must be >= 10"), in_us=5, out_us=7)
    assert json.loads(frame) == {
        "jsonrpc": "2.0",
        "id": 7,
        "error": {
            "code": -32602,
            "data": {"reason": "value must be >= 10", "param": "interval"},
            "message": "Invalid params",
        },
        "usIn": 5,
        "usOut": 7,
        "usDiff": 2,
        "testnet": True,
    }
