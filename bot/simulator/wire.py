"""JSON-RPC frames, read and written (PROTOCOL §2). Numbers keep every digit both ways."""

from dataclasses import dataclass
from typing import Any, Final, final

import msgspec

from bot.simulator.refusal import Refused, refuse

__all__ = [
    "BODY_MAX",
    "HEARTBEAT",
    "TEST_REQUEST",
    "Request",
    "decode_request",
    "encode",
    "is_notification",
    "notification",
    "reply",
]

BODY_MAX: Final = 32 * 1024  # bytes of a body or frame

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


class _Envelope(msgspec.Struct):
    jsonrpc: str = ""
    id: int | str | None = None
    method: str = ""
    params: msgspec.Raw = msgspec.Raw(b"{}")


_DECODER: Final = msgspec.json.Decoder(_Envelope)
_NOTIFIES: Final = b'{"jsonrpc":"2.0","method":"subscription",'  # as `notification` begins


@final
@dataclass(frozen=True, slots=True)
class Request:
    """One call; `params` is the JSON object as it came, to be decoded by the method's own type."""

    id: int | str | None
    method: str
    params: bytes


def encode(value: object) -> bytes:
    """Write JSON; decimals become numbers with exactly their digits. All must be finite."""
    return _ENCODER.encode(value)


def decode_request(body: bytes) -> Request | Refused:
    """Read a request; batches, positional parameters and requests without id are refused."""
    if len(body) > BODY_MAX:
        return refuse(-32600)
    try:
        envelope = _DECODER.decode(body)
    except msgspec.ValidationError:
        return refuse(11050)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return refuse(-32700)
    params = bytes(envelope.params) or b"{}"
    if envelope.jsonrpc != "2.0" or envelope.id is None or not params.lstrip().startswith(b"{"):
        return refuse(11050)
    return Request(envelope.id, envelope.method, params)


def reply(request_id: int | str | None, *, result: Any, in_us: int, out_us: int) -> bytes:
    """Write the one answer of a request: a result, or the error of a `Refused`."""
    frame: dict[str, Any] = {"jsonrpc": "2.0"}
    if request_id is not None:
        frame["id"] = request_id
    if isinstance(result, Refused):
        error: dict[str, Any] = {"code": result.code, "message": result.message}
        if result.data is not None:
            error["data"] = result.data
        frame["error"] = error
    else:
        frame["result"] = result
    frame |= {"usIn": in_us, "usOut": out_us, "usDiff": out_us - in_us, "testnet": True}
    return encode(frame)


def notification(channel: str, *, data: object, label: str | None = None) -> bytes:
    """Write a subscription message."""
    params: dict[str, Any] = {"channel": channel, "data": data}
    if label is not None:
        params["label"] = label
    return encode({"jsonrpc": "2.0", "method": "subscription", "params": params})


def is_notification(frame: bytes) -> bool:
    """Say whether a frame of ours is a subscription message."""
    return frame.startswith(_NOTIFIES)


def _beat(kind: str) -> bytes:
    return encode({"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": kind}})


HEARTBEAT: Final = _beat("heartbeat")
TEST_REQUEST: Final = _beat("test_request")
