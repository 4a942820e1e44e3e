"""HTTP/1.1 on the same port: JSON-RPC by GET and POST (PROTOCOL §1). h11 holds the grammar.

The first bytes of a connection decide: an upgrade goes on as a WebSocket, with all its bytes.
"""

import base64
import binascii
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, final
from urllib.parse import parse_qsl

import h11
import trio

from bot.simulator.auth import Grant, Key
from bot.simulator.break_off import break_off
from bot.simulator.floor import Floor
from bot.simulator.peer import Peer
from bot.simulator.refusal import Refused, refuse
from bot.simulator.rpc.dispatch import Params, answer
from bot.simulator.trouble.dial import is_let_in
from bot.simulator.trouble.outbound import PROXY_PAGE, spoilt_answer
from bot.simulator.websocket import serve_socket
from bot.simulator.wire import BODY_MAX, decode_request, reply

__all__ = ["serve_connection"]

_PREFIX: Final = "/api/v2"
_HEAD_MAX: Final = 16_384
_CHUNK: Final = 65_536
_IDLE_S: Final = 60
_HEAR_OUT_S: Final = 1.0
_HEAR_OUT_CHUNKS: Final = 256
_LIFE_S: Final = 900  # PROTOCOL §1: closed after 15 min, keep-alive or not
_HOSTS: Final = ("127.0.0.1", "localhost")
# The body decides; the status only follows it.
_STATUS: Final = {10000: 401, 13004: 401, 13009: 401, 13021: 403, 10028: 429}


@final
@dataclass(slots=True, eq=False)
class _Wire:
    stream: trio.abc.Stream
    grammar: h11.Connection = field(
        default_factory=lambda: h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_MAX)
    )
    seen: bytearray = field(default_factory=bytearray)  # of the present request

    async def next_event(self) -> Any:
        """Return the next event; ConnectionClosed also when the peer says nothing for too long."""
        while True:
            event = self.grammar.next_event()
            if event is not h11.NEED_DATA:
                return event
            data = b""
            with trio.move_on_after(_IDLE_S):
                data = bytes(await self.stream.receive_some(_CHUNK))
            self.seen += data
            self.grammar.receive_data(data)

    async def hear_out(self) -> None:
        """Take what the peer still sends: closing on unread bytes would reset our answer away."""
        with trio.move_on_after(_HEAR_OUT_S), suppress(trio.BrokenResourceError):
            for _ in range(_HEAR_OUT_CHUNKS):
                if not await self.stream.receive_some(_CHUNK):
                    return

    async def send(self, *, status: int, body: bytes, is_last: bool = False) -> None:
        """Send one whole answer; after the last one the connection ends."""
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
        ]
        if is_last:
            headers.append(("connection", "close"))
        out = self.grammar.send(h11.Response(status_code=status, headers=headers)) or b""
        out += self.grammar.send(h11.Data(data=body)) or b""
        out += self.grammar.send(h11.EndOfMessage()) or b""
        await self.stream.send_all(out)


async def serve_connection(
    stream: trio.abc.Stream, *, floor: Floor, connection: str, is_full: bool
) -> None:
    """Serve one connection: HTTP requests one after the other, or a WebSocket.

    `is_full`: there are as many connections as the venue allows; this one hears 429.
    """
    if not await is_let_in(floor.trouble):
        await break_off(stream)
        return
    head: bytes | None = None
    wire = _Wire(stream)
    try:
        with trio.move_on_after(_LIFE_S):
            head = await _serve_requests(wire, floor, connection=connection, is_full=is_full)
    except h11.RemoteProtocolError as error:
        with suppress(trio.BrokenResourceError, h11.LocalProtocolError):
            await wire.send(status=error.error_status_hint, body=b"{}", is_last=True)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return  # the client left; an HTTP request leaves nothing behind
    if head is not None:
        await serve_socket(stream, head=head, floor=floor, connection=connection)


async def _serve_requests(
    wire: _Wire, floor: Floor, *, connection: str, is_full: bool
) -> bytes | None:
    """Serve until the connection ends; return the bytes of an upgrade when one is asked for."""
    while True:
        request = await wire.next_event()
        if not isinstance(request, h11.Request):
            return None
        headers = {k.decode().lower(): v.decode("latin-1") for k, v in request.headers}
        if is_full:
            await wire.send(status=429, body=b"{}", is_last=True)
            return None
        if not _is_local(headers):
            await wire.send(status=403, body=b"{}", is_last=True)
            return None
        if headers.get("upgrade", "").lower() == "websocket":
            return bytes(wire.seen)
        body = await _body(wire)
        if body is None:
            now_us = floor.now_us()
            refused = reply(None, result=refuse(-32600), in_us=now_us, out_us=now_us)
            await wire.send(status=413, body=refused, is_last=True)
            await wire.hear_out()
            return None
        status, content = _serve(
            floor,
            verb=request.method.decode(),
            target=request.target.decode("latin-1"),
            headers=headers,
            body=body,
            connection=connection,
        )
        await wire.send(status=status, body=content)
        if wire.grammar.our_state is not h11.DONE or wire.grammar.their_state is not h11.DONE:
            return None
        wire.grammar.start_next_cycle()
        wire.seen.clear()
        wire.seen += wire.grammar.trailing_data[0]


async def _body(wire: _Wire) -> bytes | None:
    """Return the body, None when it is too large."""
    body = bytearray()
    while True:
        event = await wire.next_event()
        if not isinstance(event, h11.Data):
            return bytes(body)
        body += event.data
        if len(body) > BODY_MAX:
            return None


def _is_local(headers: dict[str, str]) -> bool:
    """Refuse what a web page could be made to send: another host's name, or any origin."""
    host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    return host in _HOSTS and "origin" not in headers


def _serve(
    floor: Floor,
    *,
    verb: str,
    target: str,
    headers: dict[str, str],
    body: bytes,
    connection: str,
) -> tuple[int, bytes]:
    in_us = floor.now_us()
    path, _, query = target.partition("?")
    request_id: int | str | None = None
    params: Params
    if not path.startswith(_PREFIX):
        return 404, b"{}"
    method = path.removeprefix(_PREFIX).strip("/")
    if verb == "POST":
        asked = decode_request(body)
        if isinstance(asked, Refused):
            return 400, reply(None, result=asked, in_us=in_us, out_us=floor.now_us())
        request_id, method, params = asked.id, asked.method or method, asked.params
    elif verb == "GET":
        params = dict(parse_qsl(query, keep_blank_values=True))
    else:
        return 405, b"{}"
    floor.now()
    grant = _authorised(floor, verb=verb, target=target, headers=headers, body=body)
    if isinstance(grant, Refused):
        result: Any = grant
    else:
        peer = Peer(id=connection, is_socket=False, wake=lambda: None)
        result = answer(floor, peer, method=method, params=params, bearer=grant).result
    status = _STATUS.get(result.code, 400) if isinstance(result, Refused) else 200
    said = reply(request_id, result=result, in_us=in_us, out_us=floor.now_us())
    content = spoilt_answer(floor.trouble, said)
    return 502 if content is PROXY_PAGE else status, content


def _authorised(
    floor: Floor, *, verb: str, target: str, headers: dict[str, str], body: bytes
) -> Grant | Refused | None:
    """Read the Authorization header: a token, id and secret, or a signature of this request."""
    header = headers.get("authorization")
    if header is None:
        return None
    scheme, _, rest = header.partition(" ")
    keeper = floor.gatekeeper
    key: Key | Refused
    match scheme.lower():
        case "bearer":
            return keeper.by_token(rest.strip(), connection=None)
        case "basic":
            try:
                client_id, _, secret = base64.b64decode(rest, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return refuse(13004)
            key = keeper.by_credentials(client_id, secret=secret)
        case "deri-hmac-sha256":
            parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
            stamp = parts.get("ts", "")
            if not stamp.isdigit():
                return refuse(13004)
            key = keeper.by_signature(
                parts.get("id", ""),
                timestamp_ms=int(stamp),
                nonce=parts.get("nonce", ""),
                rest=f"{verb}\n{target}\n{body.decode('utf-8', 'replace')}\n",
                signature=parts.get("sig", ""),
                now_ms=floor.venue.now_ms,
            )
        case _:
            return refuse(13004)
    return key if isinstance(key, Refused) else keeper.proven(key)
