"""The other end of the port: a venue that answers as a test tells it to, over memory channels."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import trio

from bot.venue.event import VenueEvent
from bot.venue.link import Link, LinkClosedError
from bot.venue.reply import NotSent, Reply, Still, always

__all__ = [
    "ARMED",
    "GRANTED_SCOPE",
    "VENUE_MS",
    "Listener",
    "ScriptedCall",
    "ScriptedClock",
    "ScriptedVenue",
    "notification",
    "result",
]

GRANTED_SCOPE = "account:read_write session:test trade:read_write wallet:none"
_QUEUE = 1_000
VENUE_MS = 1_700_000_000_000
ARMED = {"scope": "connection", "enabled": True}

Request = dict[str, Any]
Answer = Callable[[Request], list[str]]
T = TypeVar("T")


def result(request: Request, value: Any, *, testnet: bool = True) -> str:
    """Write a success frame."""
    body = {"jsonrpc": "2.0", "id": request["id"], "result": value}
    return json.dumps(body | {"usIn": 1_000, "usOut": 1_100, "usDiff": 100, "testnet": testnet})


def error(request: Request, code: int, message: str) -> str:
    """Write an error frame."""
    body = {"jsonrpc": "2.0", "id": request["id"], "error": {"code": code, "message": message}}
    return json.dumps(body | {"usIn": 1_000, "usOut": 1_100, "usDiff": 100, "testnet": True})


def notification(channel: str, data: Any) -> str:
    """Write a message of a channel."""
    params = {"channel": channel, "data": data}
    return json.dumps({"jsonrpc": "2.0", "method": "subscription", "params": params})


def beat(kind: str) -> str:
    """Write a heartbeat."""
    return json.dumps({"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": kind}})


def _auth(request: Request) -> list[str]:
    grant = {
        "access_token": "a",
        "expires_in": 900,
        "refresh_token": "r",
        "scope": GRANTED_SCOPE,
        "token_type": "bearer",
    }
    return [result(request, grant)]


class ScriptedClock:
    """A local clock that stands still, and the estimate that a session makes from it."""

    def __init__(self, local_ms: int) -> None:
        self.ms = local_ms
        self.offset_ms = 0
        self.is_settled = True

    def now_ms(self) -> int:
        return self.ms + self.offset_ms

    def local_ms(self) -> int:
        return self.ms

    def take(self, *, asked_ms: int, answered_ms: int, venue_ms: int) -> None:
        self.offset_ms = venue_ms - (asked_ms + answered_ms) // 2


class ScriptedLink:
    """Our end of one connection."""

    def __init__(self, venue: "ScriptedVenue") -> None:
        self._venue = venue
        self.say, self._hear = trio.open_memory_channel[str](_QUEUE)

    async def send(self, text: bytes) -> None:
        await trio.lowlevel.checkpoint()
        if self._venue.is_stuck:
            await trio.sleep_forever()
        if self._venue.is_slow:
            await trio.sleep(5)
        request = json.loads(text)
        self._venue.requests.append(request)
        answer = self._venue.answers.get(request["method"])
        try:
            for frame in [] if answer is None else answer(request):
                self.say.send_nowait(frame)
        except trio.ClosedResourceError:
            raise LinkClosedError("cut while sending") from None

    async def receive(self) -> bytes:
        try:
            return (await self._hear.receive()).encode()
        except trio.EndOfChannel:
            raise LinkClosedError("cut") from None

    async def aclose(self) -> None:
        self.say.close()
        self._hear.close()


class ScriptedVenue:
    """Accepts dials, keeps every request, answers each method by its own small function."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.dialled_at: list[float] = []
        self.is_down = False
        self.is_stuck = False  # a send never finishes
        self.is_slow = False  # each frame holds the line for 5 s
        self.link: ScriptedLink | None = None
        self.answers: dict[str, Answer] = {
            "public/get_time": lambda r: [result(r, VENUE_MS)],
            "public/auth": _auth,
            "public/set_heartbeat": lambda r: [result(r, "ok")],
            "private/enable_cancel_on_disconnect": lambda r: [result(r, "ok")],
            "private/get_cancel_on_disconnect": lambda r: [result(r, ARMED)],
            "public/test": lambda r: [result(r, {"version": "1.2.26"})],
            "public/subscribe": lambda r: [result(r, r["params"]["channels"])],
            "private/subscribe": lambda r: [result(r, r["params"]["channels"])],
            "public/unsubscribe": lambda r: [result(r, r["params"]["channels"])],
        }

    @asynccontextmanager
    async def dial(self) -> AsyncGenerator[Link]:
        self.dialled_at.append(trio.current_time())
        await trio.lowlevel.checkpoint()
        if self.is_down:
            raise LinkClosedError("connection refused")
        self.link = ScriptedLink(self)
        try:
            yield self.link
        finally:
            await self.link.aclose()

    def say(self, frame: str) -> None:
        """Send a frame that nobody asked for."""
        assert self.link is not None
        self.link.say.send_nowait(frame)

    def cut(self) -> None:
        """Break the connection."""
        assert self.link is not None
        self.link.say.close()

    def asked(self, method: str) -> list[Request]:
        """Return the requests of a method, in order."""
        return [request for request in self.requests if request["method"] == method]


class Listener:
    """A sink that remembers, and lets a test wait for the next event of a kind."""

    def __init__(self) -> None:
        self.events: list[VenueEvent] = []
        self._more = trio.Event()

    def __call__(self, event: VenueEvent) -> None:
        self.events.append(event)
        self._more.set()
        self._more = trio.Event()

    def all(self, kind: type[T]) -> list[T]:
        """Return the events of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def nth(self, kind: type[T], count: int) -> T:
        """Wait until `count` events of the kind have come and return that one."""
        with trio.fail_after(10_000):
            while len(self.all(kind)) < count:
                await self._more.wait()
        return self.all(kind)[count - 1]


class ScriptedCall:
    """A call whose replies are laid out beforehand; keeps what was asked."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.exits: list[bool] = []

    async def __call__(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
        still: Still = always,
    ) -> Reply:
        await trio.lowlevel.checkpoint()
        assert deadline_s > 0
        why = still()
        if why is not None:
            return NotSent(why=why)
        self.asked.append((method, dict(params)))
        self.exits.append(is_exit)
        return self._replies.pop(0)
