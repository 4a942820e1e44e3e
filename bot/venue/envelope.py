"""JSON-RPC frames: what every message of the venue is wrapped in (PROTOCOL §2)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from bot.venue.undecodable import reading
from bot.venue.wire.number import whole

__all__ = [
    "FRAME_BYTES_MAX",
    "Envelope",
    "Notification",
    "VenueError",
    "decode_envelope",
    "encode_request",
]

FRAME_BYTES_MAX: Final = 32_000  # a larger frame is refused by the venue

# In a union with None the decoder would take only null; an empty Raw says "not there".
_ABSENT: Final = msgspec.Raw()


class VenueError(msgspec.Struct, frozen=True, kw_only=True):
    """An error answer. `message` may carry a suffix; `data` is raw JSON: object, text or null."""

    code: int
    message: str
    data: bytes | None


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a channel, its data undecoded."""

    channel: str
    data: msgspec.Raw


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A frame, sorted: exactly one of result, error, notification and beat is there."""

    id: int | str | None
    result: bytes | None
    error: VenueError | None
    notification: Notification | None
    beat: str | None  # a heartbeat's type
    us_in: int | None  # the venue's receive time, µs
    us_out: int | None
    is_testnet: bool | None


class _WireError(msgspec.Struct, frozen=True, kw_only=True):
    code: Decimal
    message: str
    data: msgspec.Raw = _ABSENT


class _WireEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    id: int | str | None = None
    result: msgspec.Raw = _ABSENT
    error: _WireError | None = None
    method: str | None = None
    params: msgspec.Raw = _ABSENT
    us_in: Decimal | None = msgspec.field(default=None, name="usIn")
    us_out: Decimal | None = msgspec.field(default=None, name="usOut")
    testnet: bool | None = None


class _WireBeat(msgspec.Struct, frozen=True, kw_only=True):
    type: str


_ENVELOPE: Final = msgspec.json.Decoder(_WireEnvelope)
_NOTIFICATION: Final = msgspec.json.Decoder(Notification)
_BEAT: Final = msgspec.json.Decoder(_WireBeat)
# Money goes out as the digits that it has, never through a float.
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def decode_envelope(frame: bytes) -> Envelope:
    """Sort a frame by what it is. Raises UndecodableError for what is none of the four."""
    with reading("frame"):
        wire = _ENVELOPE.decode(frame)
        result = bytes(wire.result)
        kinds = (bool(result), wire.error is not None, wire.method is not None)
        if sum(kinds) != 1:
            raise ValueError("not exactly one of result, error and method")
        notification = beat = None
        match wire.method:
            case None:
                pass
            case "subscription":
                notification = _NOTIFICATION.decode(bytes(wire.params) or b"null")
            case "heartbeat":
                beat = _BEAT.decode(bytes(wire.params) or b"null").type
            case method:
                raise ValueError(f"the venue called {method}")
        return Envelope(
            id=wire.id,
            result=result or None,
            error=None if wire.error is None else _error(wire.error),
            notification=notification,
            beat=beat,
            us_in=None if wire.us_in is None else whole(wire.us_in),
            us_out=None if wire.us_out is None else whole(wire.us_out),
            is_testnet=wire.testnet,
        )


def encode_request(method: str, *, params: Mapping[str, object], request_id: int) -> bytes:
    """Write a request frame; Decimals become JSON numbers.

    Raises ValueError beyond 32 kB: the venue would refuse it and nothing has been sent yet.
    """
    frame = _ENCODER.encode(
        {"jsonrpc": "2.0", "id": request_id, "method": method, "params": dict(params)}
    )
    if len(frame) > FRAME_BYTES_MAX:
        raise ValueError(f"the request is {len(frame)} bytes, at most {FRAME_BYTES_MAX} pass")
    return frame


def _error(wire: _WireError) -> VenueError:
    return VenueError(code=whole(wire.code), message=wire.message, data=bytes(wire.data) or None)
