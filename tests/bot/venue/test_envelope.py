from decimal import Decimal

import msgspec
import pytest

from bot.venue.envelope import decode_envelope, encode_request
from bot.venue.undecodable import UndecodableError


def test_request_carries_decimals_as_their_digits() -> None:
    frame = encode_request("private/buy", params={"price": Decimal("0.0315")}, request_id=7)
    assert frame == (b'{"jsonrpc":"2.0","id":7,"method":"private/buy","params":{"price":0.0315}}')


def test_request_above_the_venues_limit_is_refused_here() -> None:
    with pytest.raises(ValueError, match="32000"):
        encode_request("public/subscribe", params={"channels": ["x" * 32_000]}, request_id=1)


def test_numbers_in_the_frame_may_be_written_with_a_point() -> None:
    envelope = decode_envelope(b'{"id":1,"result":1.0e3,"usIn":10.0,"usOut":12,"testnet":false}')
    assert (envelope.result, envelope.us_in, envelope.us_out) == (b"1.0e3", 10, 12)
    assert envelope.is_testnet is False


def test_result_null_is_a_result() -> None:
    assert decode_envelope(b'{"id":1,"result":null}').result == b"null"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"null", b"null"),
        (b'"text"', b'"text"'),
        (b'{"reason":"value required"}', b'{"reason":"value required"}'),
    ],
)
def test_error_data_of_any_shape_is_kept(data: bytes, expected: bytes) -> None:
    error = decode_envelope(b'{"id":1,"error":{"code":1,"message":"m","data":%s}}' % data).error
    assert error is not None
    assert error.data == expected


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"<html></html>",
        b"[]",
        b"{}",
        b'{"id":1}',
        b'{"id":1,"result":1,"error":{"code":1,"message":"m"}}',
        b'{"id":1,"error":{"code":"x","message":"m"}}',
        b'{"id":1,"error":{"code":1.5,"message":"m"}}',
        b'{"method":"subscription"}',
        b'{"method":"subscription","params":{"channel":1,"data":1}}',
        b'{"method":"heartbeat","params":{}}',
        b'{"method":"shout","params":{}}',
        b'{"id":1,"result":"\xff"',
        b'{"id":1,"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_no_frame_is_undecodable(frame: bytes) -> None:
    with pytest.raises(UndecodableError):
        decode_envelope(frame)


def test_notification_keeps_its_data_raw() -> None:
    frame = b'{"method":"subscription","params":{"label":"l","channel":"c","data":{"a":0.10}}}'
    notification = decode_envelope(frame).notification
    assert notification is not None
    assert (notification.channel, bytes(notification.data)) == ("c", b'{"a":0.10}')
    assert isinstance(notification.data, msgspec.Raw)
