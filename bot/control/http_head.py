"""One HTTP request as its head says it, and its body read within a bound (UX §3.2).

h11 knows the grammar. What it lets pass and a second reader could read otherwise is refused here:
a header that may stand once and stands twice, and a body whose length is told in two ways.
"""

from typing import Final, NamedTuple

import h11
import trio

__all__ = [
    "BODY_BYTES_MAX",
    "HEAD_BYTES_MAX",
    "BadHeadError",
    "Head",
    "new_wire",
    "read_body",
    "read_head",
]

HEAD_BYTES_MAX: Final = 16_384
BODY_BYTES_MAX: Final = 16_384
_CHUNK: Final = 4_096  # h11 looks at its bound between chunks, so one chunk is kept free below it
_ONCE: Final = frozenset(
    {"authorization", "content-length", "content-type", "host", "origin", "transfer-encoding"}
)


class BadHeadError(Exception):
    """The head can be read in two ways, or is of a version whose rules are others."""


class Head(NamedTuple):
    """The head of a request; `path` without its query, `headers` by lower-case name."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def media(self) -> str:
        """The media type of the body, without parameters; empty when none is told."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def has_body(self) -> bool:
        """True when a body is announced."""
        return "transfer-encoding" in self.headers or self.headers.get("content-length", "0") != "0"

    @property
    def is_too_long(self) -> bool:
        """True when the body is announced as longer than what is kept."""
        return int(self.headers.get("content-length", "0")) > BODY_BYTES_MAX


def new_wire() -> h11.Connection:
    """Return the state of one connection, whose head has a bound."""
    return h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX - _CHUNK)


async def read_head(wire: h11.Connection, *, stream: trio.SocketStream) -> Head | None:
    """Read the head of a request; None when the peer says nothing.

    Raises h11.RemoteProtocolError for what is no HTTP, BadHeadError for what is none of ours.
    """
    while True:
        event = await _next(wire, stream=stream)
        if isinstance(event, h11.Request):
            return _head_of(event)
        if isinstance(event, h11.ConnectionClosed):
            return None


async def read_body(wire: h11.Connection, *, stream: trio.SocketStream) -> bytes | None:
    """Read the body; None when it is longer than its bound, and the rest is left unread.

    Raises h11.RemoteProtocolError when it ends before its end.
    """
    body = bytearray()
    while True:
        event = await _next(wire, stream=stream)
        if isinstance(event, h11.Data):
            if len(body) + len(event.data) > BODY_BYTES_MAX:
                return None
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return bytes(body)


async def _next(wire: h11.Connection, *, stream: trio.SocketStream) -> object:
    while True:
        event = wire.next_event()
        if event is not h11.NEED_DATA:
            return event
        wire.receive_data(await stream.receive_some(_CHUNK))


def _head_of(request: h11.Request) -> Head:
    if request.http_version not in {b"1.0", b"1.1"}:
        raise BadHeadError("only HTTP/1.1 is spoken here")
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers and name in _ONCE:
            raise BadHeadError(f"the header {name} stands twice")
        headers[name] = value
    if "transfer-encoding" in headers and "content-length" in headers:
        raise BadHeadError("the length of the body is told in two ways")
    path = request.target.decode("ascii").partition("?")[0]
    return Head(request.method.decode("ascii"), path, headers)
