"""JSON-RPC over HTTP behind the same call as the session (PROTOCOL §1, §3).

One port a generation: cancelled requests strand slots of the client's pool for ever, so that the
port is opened for one reconciliation, bounded by timeouts and not by cancelling, and thrown away.
Orders sent this way would stand outside cancel-on-disconnect: it carries reads, and cancels for
who must be able to cancel without a connection of his own.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Final, final
from urllib.parse import urlsplit

import httpx
import trio

from bot.venue.backoff import Draw
from bot.venue.cancel import CANCEL_METHODS
from bot.venue.credits import ORDER_METHODS
from bot.venue.envelope import decode_envelope, encode_request
from bot.venue.purse import Purse
from bot.venue.reply import NoReply, NotSent, Ok, Refused, Reply
from bot.venue.secret import Credentials
from bot.venue.undecodable import UndecodableError

__all__ = ["HttpPort", "open_http"]

_CONNECTIONS_MAX: Final = 4  # of the 32 that the venue allows an address
_BODY_BYTES_MAX: Final = 8 * 1024 * 1024  # all instruments of a currency fit twice
_CONNECT_S: Final = 5.0
_DRIP_S: Final = 1.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
# Raised before the first byte of the request can have left.
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@asynccontextmanager
async def open_http(
    base_url: str,
    *,
    credentials: Credentials | None,
    is_testnet: bool,
    purse: Purse,
    draw: Draw,
    now_ms: Callable[[], int],
) -> AsyncGenerator["HttpPort"]:
    """Open a port for one generation; `base_url` ends in `/api/v2`.

    Raises ValueError for an unencrypted address beyond loopback.
    """
    parts = urlsplit(base_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError(f"{base_url}: https:// is needed beyond loopback")
    async with httpx.AsyncClient(
        verify=True,
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(_CONNECT_S),
        limits=httpx.Limits(
            max_connections=_CONNECTIONS_MAX, max_keepalive_connections=_CONNECTIONS_MAX
        ),
    ) as client:
        yield HttpPort(
            client=client,
            base_url=base_url.rstrip("/"),
            credentials=credentials,
            is_testnet=is_testnet,
            purse=purse,
            draw=draw,
            now_ms=now_ms,
        )


@final
class HttpPort:
    """Carries calls as POST requests, each signed by itself."""

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        base_url: str,
        credentials: Credentials | None,
        is_testnet: bool,
        purse: Purse,
        draw: Draw,
        now_ms: Callable[[], int],
    ) -> None:
        """Use `open_http`."""
        self._client = client
        self._base_url = base_url
        self._credentials = credentials
        self._is_testnet = is_testnet
        self._purse = purse
        self._draw = draw
        self._now_ms = now_ms
        self._ids = count(1)

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
    ) -> Reply:
        """Ask once. Raises AssertionError for a method of the matching engine [C-101]."""
        if method in ORDER_METHODS:
            raise AssertionError(f"{method} is not carried over HTTP")
        return await self._call(method, params, deadline_s=deadline_s, is_exit=is_exit)

    async def call_cancel(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
    ) -> Reply:
        """Carry a cancel; for the cancel port alone.

        Raises AssertionError for a method that could place or change an order [C-101].
        """
        if method not in CANCEL_METHODS:
            raise AssertionError(f"{method} is no cancel")
        return await self._call(method, params, deadline_s=deadline_s, is_exit=is_exit)

    async def _call(
        self, method: str, params: Mapping[str, object], *, deadline_s: float, is_exit: bool
    ) -> Reply:
        deadline = trio.current_time() + deadline_s
        unpaid = await self._purse.pay(method, params=params, deadline=deadline, is_exit=is_exit)
        if unpaid is not None:
            return NotSent(why=unpaid)
        request_id = next(self._ids)
        try:
            body = encode_request(method, params=params, request_id=request_id)
        except ValueError as fault:
            return NotSent(why=str(fault))
        left_s = deadline - trio.current_time()
        if left_s <= 0:
            return NotSent(why="the deadline came before the first byte")
        return await self._post(method, body=body, request_id=request_id, left_s=left_s)

    async def _post(self, method: str, *, body: bytes, request_id: int, left_s: float) -> Reply:
        url = f"{self._base_url}/{method}"
        headers = {"Content-Type": "application/json"}
        if method.startswith("private/"):
            if self._credentials is None:
                return NotSent(why=f"{method} needs a key")
            path = urlsplit(url).path
            headers["Authorization"] = self._signature(self._credentials, path=path, body=body)
        phases = httpx.Timeout(left_s, connect=min(left_s, _CONNECT_S))
        # The client's own timeouts are for each phase; this one bounds a body that drips.
        with trio.move_on_after(left_s + _DRIP_S):
            try:
                response = await self._stream(url, body=body, headers=headers, phases=phases)
            except _UNSENT as fault:
                return NotSent(why=f"{type(fault).__name__} {fault}")
            except httpx.HTTPError as fault:
                return NoReply(why=f"{type(fault).__name__} {fault}")
            if response is None:
                return NoReply(why=f"the answer is above {_BODY_BYTES_MAX} bytes")
            status, answer = response
            return self._judge(answer, status=status, request_id=request_id)
        return NoReply(why="no whole answer before the deadline")

    async def _stream(
        self, url: str, *, body: bytes, headers: Mapping[str, str], phases: httpx.Timeout
    ) -> tuple[int, bytes] | None:
        answer = bytearray()
        async with self._client.stream(
            "POST", url, content=body, headers=dict(headers), timeout=phases
        ) as response:
            async for part in response.aiter_bytes():
                answer += part
                if len(answer) > _BODY_BYTES_MAX:
                    return None
        return response.status_code, bytes(answer)

    def _judge(self, body: bytes, *, status: int, request_id: int) -> Reply:
        # The body decides, not the status: a proxy's page is no answer of the venue (§2).
        try:
            envelope = decode_envelope(body)
        except UndecodableError as fault:
            return NoReply(why=f"HTTP {status}: {fault}")
        if envelope.is_testnet is not None and envelope.is_testnet is not self._is_testnet:
            return NoReply(why=f"the venue says testnet={envelope.is_testnet}")
        if envelope.id != request_id:
            return NoReply(why=f"the answer is to request {envelope.id}, not {request_id}")
        if envelope.error is not None:
            error = envelope.error
            return Refused(code=error.code, message=error.message, data=error.data)
        if envelope.result is None:
            return NoReply(why="neither result nor error")
        return Ok(result=envelope.result, us_in=envelope.us_in, us_out=envelope.us_out)

    def _signature(self, credentials: Credentials, *, path: str, body: bytes) -> str:
        # A signature for each request: no token to keep, refresh or leak.
        at, nonce = self._now_ms(), f"{self._draw.getrandbits(64):016x}"
        signed = f"{at}\n{nonce}\nPOST\n{path}\n{body.decode()}\n"
        signature = credentials.secret.sign(signed)
        return f"deri-hmac-sha256 id={credentials.client_id},ts={at},sig={signature},nonce={nonce}"
