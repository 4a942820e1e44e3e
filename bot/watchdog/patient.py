"""The engine as the watchdog reaches it: loopback HTTP, one short request at a time (UX §3.2)."""

from pathlib import Path
from typing import Final, final

import h11
import msgspec
import trio

from bot.watchdog.judge import Beat

__all__ = ["Patient", "Tell"]

ASK_S: Final = 0.8  # a look each second must be over before the next
TELL_S: Final = 1.0  # it is asked again for what is not durable by then
_ANSWER_BYTES_MAX: Final = 262_144
_CHUNK: Final = 16_384
_HEALTH: Final = "/api/v1/health"
_REDUCE_ONLY: Final = "/api/v1/emergency/reduce_only"
_ACTED: Final = "/api/v1/emergency/watchdog_acted"
_JSON: Final = {"Content-Type": "application/json"}
_OK: Final = 200


class Tell(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine is to be told. The same `request_id` is one act, however often it is told."""

    request_id: str
    reason: str
    by: str = "watchdog"


class _Health(msgspec.Struct, frozen=True, kw_only=True):
    run_id: str
    beat: int


@final
class Patient:
    """Finds the engine anew for each request: port and token are another run's after a restart."""

    def __init__(self, home: Path) -> None:
        """Look after the engine of this home."""
        self._home = home

    async def look(self, *, mono_ms: int | None) -> Beat | None:
        """Ask for the core's beat; None when no usable answer came in time.

        With `mono_ms`, our monotonic time, the engine takes it that it is looked after.
        """
        head = {} if mono_ms is None else {"X-Bot-Watchdog": str(mono_ms)}
        answer = await self._ask("GET", _HEALTH, head=head, body=b"", deadline_s=ASK_S)
        if answer is None:
            return None
        try:
            said = msgspec.json.decode(answer[1], type=_Health)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return Beat(run_id=said.run_id, count=said.beat)

    async def ask_reduce_only(self, tell: Tell) -> bool:
        """Ask it to take no new risk; True once that is durable."""
        return await self._tell(_REDUCE_ONLY, tell)

    async def own_up(self, tell: Tell) -> bool:
        """Tell it that its orders were taken off; True once that is durable."""
        return await self._tell(_ACTED, tell)

    async def _tell(self, path: str, tell: Tell) -> bool:
        body = msgspec.json.encode(tell)
        answer = await self._ask("POST", path, head=_JSON, body=body, deadline_s=TELL_S)
        return answer is not None and answer[0] == _OK

    async def _ask(
        self, method: str, path: str, *, head: dict[str, str], body: bytes, deadline_s: float
    ) -> tuple[int, bytes] | None:
        run = self._home / "run"
        try:
            port = int((run / "http.port").read_text(encoding="ascii"))
            token = (run / "http.token").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return None
        request = h11.Request(
            method=method,
            target=path,
            headers=[
                ("Host", f"127.0.0.1:{port}"),
                ("Authorization", f"Bearer {token}"),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
                *head.items(),
            ],
        )
        with trio.move_on_after(deadline_s):
            try:
                async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                    return await _exchange(stream, request, body)
            except (OSError, trio.BrokenResourceError, h11.RemoteProtocolError):
                return None
        return None


async def _exchange(
    stream: trio.SocketStream, request: h11.Request, body: bytes
) -> tuple[int, bytes] | None:
    wire = h11.Connection(h11.CLIENT)
    out = wire.send(request) or b""
    out += wire.send(h11.Data(data=body)) or b""
    out += wire.send(h11.EndOfMessage()) or b""
    await stream.send_all(out)
    code, answer = 0, bytearray()
    while len(answer) <= _ANSWER_BYTES_MAX:
        match wire.next_event():
            case h11.NEED_DATA:
                wire.receive_data(await stream.receive_some(_CHUNK))
            case h11.Response(status_code=code):
                pass
            case h11.Data(data=data):
                answer += data
            case h11.EndOfMessage():
                return code, bytes(answer)
            case h11.ConnectionClosed():
                return None
            case _:
                pass  # an interim answer says nothing yet
    return None
