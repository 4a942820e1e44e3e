"""Loopback HTTP: status, health, metrics, and two acts that tighten [C-603, C-604] (UX §3.2).

One request a connection. h11 knows the grammar; limits, Host and Origin, token and routes are ours.
Nothing that loosens is reachable. When too many connect, the oldest is dropped, so that a stop
always finds a place. The watchdog looks through here too; by the token it is known [C-505].
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
from bot.control.errors import ErrorBody, Exit, UserError, error_json
from bot.control.once import Once
from bot.control.port import Act, Engine, OwnUp, SetMode
from bot.control.verbs import Reason, RequestId
from bot.domain.mode import Mode

__all__ = ["BODY_BYTES_MAX", "HEAD_BYTES_MAX", "READS_BURST", "READS_PER_S", "serve_http"]

HEAD_BYTES_MAX: Final = 16_384
BODY_BYTES_MAX: Final = 16_384
REQUEST_S: Final = 5.0  # to send all of a request, and to read all of an answer
ACT_S: Final = 30.0  # to make an act durable
CONNECTIONS_MAX: Final = 32
_HEAR_OUT_S: Final = 1.0
_CHUNK: Final = 4_096  # h11 looks at its bound between chunks, so one chunk is kept free below it
READS_PER_S: Final = 20.0
READS_BURST: Final = 40

_JSON: Final = "application/json"
_TEXT: Final = "text/plain; charset=utf-8"
_METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"
_REDUCE_ONLY: Final = "/api/v1/emergency/reduce_only"
_WATCHDOG_ACTED: Final = "/api/v1/emergency/watchdog_acted"
_POST: Final = (_REDUCE_ONLY, _WATCHDOG_ACTED)
_HEALTH: Final = "/api/v1/health"
_GET: Final = ("/api/v1/status", _HEALTH, "/metrics")
_WATCHDOG: Final = "x-bot-watchdog"  # the machine's monotonic ms at which it asks
_MONO_DIGITS_MAX: Final = 18


class _Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Reason
    request_id: RequestId
    by: Annotated[str, Meta(min_length=1, max_length=64)] = "http"


class _Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    is_too_long: bool


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
        listeners = await trio.open_tcp_listeners(port, host="127.0.0.1")
    except OSError as error:
        raise UserError(
            "PORT",
            exit=Exit.CONFIG,
            what=f"Cannot start: HTTP port {port} of 127.0.0.1 ({error.strerror or error}).",
            why="Another program, or another engine, listens there. Nothing was sent.",
            next="Set another port in the configuration, or 0 for a free one.",
        ) from error
    bound = int(listeners[0].socket.getsockname()[1])
    server = _Server(engine=engine, once=once, token=token, metrics=metrics, port=bound)
    task_status.started(bound)
    await trio.serve_listeners(server.accept, listeners)


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
        self._allowance = Allowance(per_s=READS_PER_S, burst=READS_BURST)
        self._open: OrderedDict[int, trio.CancelScope] = OrderedDict()
        self._accepted = 0

    async def accept(self, stream: trio.SocketStream) -> None:
        """Serve one request of one connection; what goes wrong in it stays in it."""
        self._accepted += 1
        number = self._accepted
        if len(self._open) >= CONNECTIONS_MAX:
            _, oldest = self._open.popitem(last=False)
            oldest.cancel()
        with trio.CancelScope() as scope:
            self._open[number] = scope
            try:
                await self._serve(stream)
            except (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
                pass  # the peer left or is too slow: it gets no more
            except Exception as error:  # noqa: BLE001  # outermost: a bug becomes a cause [C-606]
                self._engine.fault(where="http", error=error)
            finally:
                self._open.pop(number, None)

    async def _serve(self, stream: trio.SocketStream) -> None:
        wire = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX - _CHUNK)
        peer = str(stream.socket.getpeername()[0])
        try:
            with trio.fail_after(REQUEST_S):
                asked = await _asked(wire, stream=stream)
        except h11.RemoteProtocolError as error:
            answer = _error(error.error_status_hint, faults.bad_frame("this is no HTTP request"))
        except trio.TooSlowError:
            answer = _error(408, faults.busy(f"the request took over {REQUEST_S:g} s"))
        else:
            if asked is None:
                return
            answer = await self._answer(asked, peer=peer)
        with trio.fail_after(REQUEST_S):
            await _send(wire, answer=answer, stream=stream)
        await _hear_out(stream)

    async def _answer(self, asked: _Asked, *, peer: str) -> _Answer:
        if asked.headers.get("host") not in self._hosts:
            return _error(403, faults.bad_frame("the Host is not this loopback address"))
        origin = asked.headers.get("origin")
        if origin is not None and origin not in self._origins:
            return _error(403, faults.bad_frame("the Origin is another one"))
        if asked.path in _POST and asked.method == "POST":
            return await self._act(asked, peer=peer)
        if asked.path == _HEALTH and self._is_watchdog(asked):
            return self._read(asked)  # other readers' haste must not look like a dead engine
        # Everything below only reads, or is a wrong guess: it shares one allowance.
        if not self._may_read(peer):
            return _error(429, faults.busy("too many requests in a short time"))
        if asked.path in _POST or (asked.path in _GET and asked.method != "GET"):
            return _error(405, faults.bad_frame(f"{asked.method[:16]} is not for this path"))
        if asked.path not in _GET:
            return _error(404, faults.not_found(f"the path {asked.path[:80]}"))
        return self._read(asked)

    def _read(self, asked: _Asked) -> _Answer:
        view = self._engine.view()
        if asked.path == "/metrics":
            return _Answer(200, self._metrics().encode(), _METRICS)
        if asked.path == _HEALTH:
            health = self._engine.health()
            return _Answer(200 if health.ok else 503, msgspec.json.encode(health))
        if asked.headers.get("accept", "").startswith("text/plain"):
            return _Answer(200, "\n".join((*view.status.lines, "")).encode(), _TEXT)
        return _Answer(200, msgspec.json.encode(view.status))

    def _is_watchdog(self, asked: _Asked) -> bool:
        """Know the watchdog by the token, and take note that it looks."""
        at_mono_ms = asked.headers.get(_WATCHDOG, "")
        is_time = at_mono_ms.isascii() and at_mono_ms.isdigit()
        if not is_time or len(at_mono_ms) > _MONO_DIGITS_MAX or not self._has_token(asked):
            return False
        self._engine.heed(at_mono_ms=int(at_mono_ms))
        return True

    def _has_token(self, asked: _Asked) -> bool:
        given = asked.headers.get("authorization", "").removeprefix("Bearer ").encode()
        return hmac.compare_digest(given, self._token)

    async def _act(self, asked: _Asked, *, peer: str) -> _Answer:
        """Token first: whoever has it is never limited away; whoever guesses is."""
        if not self._has_token(asked):
            if not self._may_read(peer):
                return _error(429, faults.busy("too many requests in a short time"))
            return _error(401, faults.bad_frame("the token is missing or another one"))
        if asked.is_too_long:
            return _error(413, faults.bad_frame(f"the body is over {BODY_BYTES_MAX} bytes"))
        try:
            wish = msgspec.json.decode(asked.body, type=_Wish, strict=True)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _error(400, faults.bad_args(_word(asked.path), what=str(error)[:200]))
        act = _act_of(asked.path, wish=wish)
        try:
            with trio.fail_after(ACT_S):
                acted = await self._once.act(act)
        except UserError as error:
            return _error(_http_code(error.body), error.body)
        except trio.TooSlowError:
            return _error(504, faults.busy(f"not durable within {ACT_S:g} s; it goes on"))
        schema = f"bot.emergency-{_word(asked.path).replace('_', '-')}/1"
        body = {"schema": schema, **msgspec.structs.asdict(acted)}
        return _Answer(200, msgspec.json.encode(body))

    def _may_read(self, peer: str) -> bool:
        return self._allowance.take(peer, now_s=trio.current_time())


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


async def _asked(wire: h11.Connection, *, stream: trio.SocketStream) -> _Asked | None:
    """Read one request; None when the peer says nothing. A body beyond the bound is not kept."""
    request: h11.Request | None = None
    body = bytearray()
    is_too_long = False
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await stream.receive_some(_CHUNK))
        elif isinstance(event, h11.Request):
            request = event
            declared = dict(event.headers).get(b"content-length", b"0")
            is_too_long = int(declared) > BODY_BYTES_MAX
        elif isinstance(event, h11.Data):
            is_too_long = is_too_long or len(body) + len(event.data) > BODY_BYTES_MAX
            if not is_too_long:
                body += event.data
        elif isinstance(event, h11.ConnectionClosed):
            return None
        if request is not None and (is_too_long or isinstance(event, h11.EndOfMessage)):
            headers = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers
            }
            return _Asked(
                request.method.decode("ascii"),
                request.target.decode("ascii").partition("?")[0],
                headers,
                bytes(body),
                is_too_long,
            )


async def _hear_out(stream: trio.SocketStream) -> None:
    """Take what the peer still sends: closing on unread bytes would reset our answer away."""
    with trio.move_on_after(_HEAR_OUT_S), suppress(trio.BrokenResourceError):
        await stream.send_eof()
        for _ in range(BODY_BYTES_MAX):
            if not await stream.receive_some(_CHUNK):
                return


async def _send(wire: h11.Connection, *, answer: _Answer, stream: trio.SocketStream) -> None:
    headers = [
        ("content-type", answer.kind),
        ("content-length", str(len(answer.body))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("connection", "close"),
    ]
    out = wire.send(h11.Response(status_code=answer.code, headers=headers)) or b""
    out += wire.send(h11.Data(data=answer.body)) or b""
    out += wire.send(h11.EndOfMessage()) or b""
    await stream.send_all(out)
