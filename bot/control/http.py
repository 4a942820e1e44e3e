"""Loopback HTTP: status, health, metrics, and two acts that tighten [C-603, C-604] (UX §3.2).

One request a connection, judged by its head in a fixed order before a byte of its body is read:
loopback, Host, route, method, Origin, content type, length, token, rate (RELIABILITY §10). Nothing
that loosens is reachable. When too many connect, the oldest without a token is dropped, so that a
stop always finds a place. What a peer does, leaving in the middle included, is no fault of ours.
The watchdog looks through here too; by the token it is known [C-505].

Over 300 lines, because the order in which a request is refused is read as one page.
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Final, NamedTuple, final

import h11
import msgspec
import trio
from msgspec import Meta

from bot.control import faults
from bot.control.allowance import Allowance
from bot.control.door import QUEUE_MAX, let_in
from bot.control.errors import ErrorBody, Exit, UserError, error_json
from bot.control.frames import UNREADABLE
from bot.control.http_head import (
    BODY_BYTES_MAX,
    BadHeadError,
    Head,
    new_wire,
    read_body,
    read_head,
)
from bot.control.once import Once
from bot.control.port import Act, Engine, OwnUp, SetMode
from bot.control.verbs import PLAIN, Reason, RequestId
from bot.domain.mode import Mode

__all__ = ["CONNECTIONS_MAX", "READS_BURST", "READS_PER_S", "serve_http"]

REQUEST_S: Final = 5.0  # to send all of a request, and to read all of an answer
ACT_S: Final = 30.0  # to make an act durable
CONNECTIONS_MAX: Final = 32
_HEAR_OUT_S: Final = 1.0
_CHUNK: Final = 4_096
READS_PER_S: Final = 20.0
READS_BURST: Final = 40

_JSON: Final = "application/json"
_TEXT: Final = "text/plain; charset=utf-8"
_METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"
_REDUCE_ONLY: Final = "/api/v1/emergency/reduce_only"
_WATCHDOG_ACTED: Final = "/api/v1/emergency/watchdog_acted"
_HEALTH: Final = "/api/v1/health"
# Path → its one method: all there is.
_ROUTES: Final = {
    "/api/v1/status": "GET",
    _HEALTH: "GET",
    "/metrics": "GET",
    _REDUCE_ONLY: "POST",
    _WATCHDOG_ACTED: "POST",
}
_WATCHDOG: Final = "x-bot-watchdog"  # the machine's monotonic ms at which it asks
_MONO_DIGITS_MAX: Final = 18


class _Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Reason
    request_id: RequestId
    by: Annotated[str, Meta(min_length=1, max_length=64, pattern=PLAIN)] = "http"


class _Answer(NamedTuple):
    code: int
    body: bytes
    kind: str = _JSON


async def serve_http(
    port: int,
    *,
    engine: Engine,
    once: Once,
    token: str,
    metrics: Callable[[], str],
    task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve on 127.0.0.1 until cancelled; port 0 takes a free one, reported to `task_status`.

    Raises UserError CONFIG when the port is in use or not ours to take.
    """
    try:
        (listener,) = await trio.open_tcp_listeners(port, host="127.0.0.1", backlog=QUEUE_MAX)
    except OSError as error:
        raise UserError(
            "PORT",
            exit=Exit.CONFIG,
            what=f"Cannot start: HTTP port {port} of 127.0.0.1 ({error.strerror or error}).",
            why="Another program, or another engine, listens there. Nothing was sent.",
            next="Set another port in the configuration, or 0 for a free one.",
        ) from error
    bound = int(listener.socket.getsockname()[1])
    server = _Server(engine=engine, once=once, token=token, metrics=metrics, port=bound)
    task_status.started(bound)
    await let_in(server.accept, listener=listener)


@final
class _Server:
    def __init__(
        self,
        *,
        engine: Engine,
        once: Once,
        token: str,
        metrics: Callable[[], str],
        port: int,
    ) -> None:
        self._engine = engine
        self._once = once
        self._token = token.encode()
        self._metrics = metrics
        names = ("127.0.0.1", "localhost")
        self._hosts = frozenset(f"{name}:{port}" for name in names)
        self._origins = frozenset(f"http://{name}:{port}" for name in names)
        # One for all: a local program can take any of the sixteen million loopback addresses.
        self._allowance = Allowance(per_s=READS_PER_S, burst=READS_BURST)
        self._droppable: OrderedDict[int, trio.CancelScope] = OrderedDict()
        self._kept: set[int] = set()
        self._accepted = 0

    async def accept(self, stream: trio.SocketStream) -> None:
        """Serve one request of one connection; what goes wrong in it stays in it."""
        self._accepted += 1
        number = self._accepted
        if len(self._droppable) >= CONNECTIONS_MAX:
            _, oldest = self._droppable.popitem(last=False)
            oldest.cancel()
        with trio.CancelScope() as scope:
            self._droppable[number] = scope
            try:
                await self._serve(stream, number=number)
            except (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
                pass  # the peer left or is too slow: it gets no more
            except Exception as error:  # noqa: BLE001  # outermost: a bug becomes a cause [C-606]
                self._engine.fault(where="http", error=error)
            finally:
                self._droppable.pop(number, None)
                self._kept.discard(number)

    async def _serve(self, stream: trio.SocketStream, *, number: int) -> None:
        try:
            peer = str(stream.socket.getpeername()[0])
        except OSError:
            return  # it has left before it was looked at
        wire = new_wire()
        is_head = False
        try:
            with trio.fail_after(REQUEST_S) as limit:
                head = await read_head(wire, stream=stream)
            if head is None:
                return
            is_head = head.method == "HEAD"
            answer = self._refusal(head, peer=peer)
            if answer is None and head.method == "POST":
                self._keep(number)
                with trio.fail_at(limit.deadline):
                    body = await read_body(wire, stream=stream)
                answer = await self._act(head, body)
            elif answer is None:
                answer = self._read(head)
        except h11.RemoteProtocolError as error:
            answer = _error(error.error_status_hint, faults.bad_frame("this is no HTTP request"))
        except BadHeadError as error:
            answer = _error(400, faults.bad_frame(str(error)))
        except trio.TooSlowError:
            answer = _error(408, faults.busy(f"the request took over {REQUEST_S:g} s"))
        with trio.fail_after(REQUEST_S):
            await _send(wire, answer=answer, stream=stream, is_head=is_head)
        await _hear_out(stream)

    def _keep(self, number: int) -> None:
        """Let a connection that has shown the token not be pushed out by others, within a bound."""
        if len(self._kept) < CONNECTIONS_MAX:
            self._droppable.pop(number, None)
            self._kept.add(number)

    def _refusal(self, head: Head, *, peer: str) -> _Answer | None:
        """Judge a head; None when its wish may be heard. The order is that of RELIABILITY §10."""
        if not peer.startswith("127."):
            return _error(403, faults.bad_frame("the peer is not on this machine"))
        if head.headers.get("host") not in self._hosts:
            return _error(403, faults.bad_frame("the Host is not this loopback address"))
        has_token = self._has_token(head)
        wrong = self._wrong_route(head) or self._wrong_shape(head)
        if head.method == "POST" and wrong is None and not has_token:
            wrong = _error(401, faults.bad_frame("the token is missing or another one"))
        # Whoever has the token is never limited away; who only reads, or guesses, shares one bound.
        if not has_token and not self._allowance.take(now_s=trio.current_time()):
            return _error(429, faults.busy("too many requests in a short time"))
        return wrong

    def _wrong_route(self, head: Head) -> _Answer | None:
        method = _ROUTES.get(head.path)
        if method is None:
            return _error(404, faults.not_found(f"the path {head.path[:80]}"))
        if head.method != method:
            return _error(405, faults.bad_frame(f"{head.method[:16]} is not for this path"))
        return None

    def _wrong_shape(self, head: Head) -> _Answer | None:
        origin = head.headers.get("origin")
        if origin is not None and origin not in self._origins:
            return _error(403, faults.bad_frame("the Origin is another one"))
        if head.method == "GET" and head.has_body:
            return _error(400, faults.bad_frame("a GET has no body"))
        if head.method == "POST" and head.media != _JSON:
            return _error(415, faults.bad_frame("the content type is another one"))
        if head.is_too_long:
            return _too_long()
        return None

    def _has_token(self, head: Head) -> bool:
        scheme, _, given = head.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), self._token)

    def _read(self, head: Head) -> _Answer:
        view = self._engine.view()
        if head.path == "/metrics":
            return _Answer(200, self._metrics().encode(), _METRICS)
        if head.path == _HEALTH:
            self._heed(head)
            health = self._engine.health()
            return _Answer(200 if health.ok else 503, msgspec.json.encode(health))
        if head.headers.get("accept", "").startswith("text/plain"):
            return _Answer(200, "\n".join((*view.status.lines, "")).encode(), _TEXT)
        return _Answer(200, msgspec.json.encode(view.status))

    def _heed(self, head: Head) -> None:
        """Know the watchdog by the token, and take note that it looks."""
        at_mono_ms = head.headers.get(_WATCHDOG, "")
        is_time = at_mono_ms.isascii() and at_mono_ms.isdigit()
        if is_time and len(at_mono_ms) <= _MONO_DIGITS_MAX and self._has_token(head):
            self._engine.heed(at_mono_ms=int(at_mono_ms))

    async def _act(self, head: Head, body: bytes | None) -> _Answer:
        if body is None:
            return _too_long()
        try:
            wish = msgspec.json.decode(body, type=_Wish, strict=True)
        except UNREADABLE as error:
            return _error(400, faults.bad_args(_word(head.path), what=str(error)[:200]))
        act = _act_of(head.path, wish=wish)
        try:
            with trio.fail_after(ACT_S):
                acted = await self._once.act(act)
        except UserError as error:
            return _error(_http_code(error.body), error.body)
        except trio.TooSlowError:
            return _error(504, faults.busy(f"not durable within {ACT_S:g} s; it goes on"))
        schema = f"bot.emergency-{_word(head.path).replace('_', '-')}/1"
        answer = {"schema": schema, **msgspec.structs.asdict(acted)}
        return _Answer(200, msgspec.json.encode(answer))


def _word(path: str) -> str:
    return path.rpartition("/")[2]


def _act_of(path: str, *, wish: _Wish) -> Act:
    if path == _WATCHDOG_ACTED:
        return OwnUp(by=wish.by, reason=wish.reason, request_id=wish.request_id)
    return SetMode(
        mode=Mode.REDUCE_ONLY, by=wish.by, reason=wish.reason, request_id=wish.request_id
    )


def _http_code(body: ErrorBody) -> int:
    if body.code in {"REFUSED", "CONFLICT", "CHANGED"}:
        return 409
    return 500 if body.code == "INTERNAL" else 503


def _error(code: int, body: ErrorBody) -> _Answer:
    return _Answer(code, error_json(body))


def _too_long() -> _Answer:
    return _error(413, faults.bad_frame(f"the body is over {BODY_BYTES_MAX} bytes"))


async def _hear_out(stream: trio.SocketStream) -> None:
    """Take what the peer still sends: closing on unread bytes would reset our answer away."""
    with (
        trio.move_on_after(_HEAR_OUT_S),
        suppress(trio.BrokenResourceError, trio.ClosedResourceError),
    ):
        await stream.send_eof()
        for _ in range(BODY_BYTES_MAX):
            if not await stream.receive_some(_CHUNK):
                return


async def _send(
    wire: h11.Connection, *, answer: _Answer, stream: trio.SocketStream, is_head: bool
) -> None:
    headers = [
        ("content-type", answer.kind),
        ("content-length", str(len(answer.body))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("connection", "close"),
    ]
    out = wire.send(h11.Response(status_code=answer.code, headers=headers)) or b""
    if not is_head:  # whose answer has no body, whatever its length says
        out += wire.send(h11.Data(data=answer.body)) or b""
    out += wire.send(h11.EndOfMessage()) or b""
    await stream.send_all(out)
