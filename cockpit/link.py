"""The cockpit's end of the socket: asyncio, reconnecting for ever (UX §2, §3.4).

It tells what happens through one callback and never draws. Two seconds without any frame, beats
included, count as lost. Reconnects after 0.25, 0.5, 1, 2 s and then every 2 s, jittered, so that
several screens do not come back at once.
"""

import asyncio
import os
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

import msgspec

from bot.control.client import ABSENT, Hello, Streamed
from bot.control.errors import ErrorBody
from bot.control.place import Place
from bot.control.port import Acted
from bot.control.verbs import PROTOCOLS

__all__ = ["SILENCE_S", "Answered", "Beat", "Happening", "Link", "Lost", "Met", "Told"]

SILENCE_S: Final = 2.0
_WAITS_S: Final = (0.25, 0.5, 1.0, 2.0)
_JITTER: Final = 0.2
_LINE_BYTES_MAX: Final = 1 << 20
_EVENTS_BACK: Final = 200
_TOPICS: Final = ("status", "positions", "orders")


@dataclass(frozen=True, slots=True)
class Met:
    """Connected; nothing is whole yet."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class Told:
    """A frame of a subscription."""

    frame: Streamed


@dataclass(frozen=True, slots=True)
class Beat:
    """The engine lives; `now` is its own time."""

    now: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an act."""

    outcome: Acted | ErrorBody


@dataclass(frozen=True, slots=True)
class Lost:
    """Not connected; the next attempt comes after `wait_s`."""

    attempt: int
    wait_s: float


Happening = Answered | Beat | Lost | Met | Told


class _Beat(msgspec.Struct, frozen=True):
    now: str


class _Frame(msgspec.Struct, frozen=True, kw_only=True):
    hello: Hello | None = None
    id: int | None = None
    ok: msgspec.Raw = ABSENT
    error: ErrorBody | None = None
    beat: _Beat | None = None
    sub: int | None = None


class _Rows(msgspec.Struct, frozen=True):
    next_seq: int


_FRAME: Final = msgspec.json.Decoder(_Frame)
_STREAMED: Final = msgspec.json.Decoder(Streamed)
_SUBSCRIBE: Final = 1
_TAIL: Final = 2
_LOG: Final = 3
_FIRST_ACT: Final = 10


@final
class Link:
    """One connection at a time to one engine. `retry_now` cuts a wait short."""

    def __init__(
        self,
        place: Place,
        *,
        hz: float,
        is_read_only: bool,
        by: str | None,
        tell: Callable[[Happening], None],
    ) -> None:
        self._place = place
        self._hz = hz
        self._is_read_only = is_read_only
        self._by = by
        self._tell = tell
        self._writer: asyncio.StreamWriter | None = None
        self._retry = asyncio.Event()
        self._next_act = _FIRST_ACT
        self._random = random.Random()  # noqa: S311  # spreads reconnects, keeps no secret

    async def run(self) -> None:
        """Connect, follow, reconnect, until cancelled."""
        attempt = 0
        while True:
            was_met = await self._follow()
            attempt = 1 if was_met else attempt + 1
            base_s = _WAITS_S[min(attempt, len(_WAITS_S)) - 1]
            wait_s = base_s * (1 + self._random.uniform(-_JITTER, _JITTER))
            self._tell(Lost(attempt, wait_s))
            self._retry.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._retry.wait()
            except TimeoutError:
                pass

    def retry_now(self) -> None:
        """Try again at once."""
        self._retry.set()

    def tighten(self, mode: str) -> None:
        """Ask for REDUCE_ONLY or KILL; the answer comes as Answered, or the link is Lost.

        One key is one act with one request id: a second Enter does not exist here.
        """
        who = {} if self._by is None else {"by": self._by}
        args = {"mode": mode, "reason": "cockpit", "request_id": str(uuid.uuid4()), **who}
        self._send(self._next_act, verb="mode", args=args)
        self._next_act += 1

    async def _follow(self) -> bool:
        """Follow one connection to its end; True when the engine greeted."""
        was_met = False
        try:
            async with asyncio.timeout(SILENCE_S):
                reader, writer = await asyncio.open_unix_connection(
                    os.fspath(self._place.path), limit=2 * _LINE_BYTES_MAX
                )
            self._writer = writer
            while True:
                async with asyncio.timeout(SILENCE_S):
                    line = await reader.readline()
                if not line:
                    return was_met
                frame = _FRAME.decode(line)
                if frame.hello is not None:
                    was_met = True
                    self._tell(Met(frame.hello))
                    self._ask_for_all()
                else:
                    self._take(frame, line=line)
        except (OSError, TimeoutError, ValueError, msgspec.MsgspecError):
            # ValueError is asyncio's word for a line over the limit. Each of them ends the
            # connection, and the next one starts from whole topics.
            return was_met
        finally:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _ask_for_all(self) -> None:
        if self._is_read_only:
            mine = PROTOCOLS[-1]
            args = {"protocol": mine, "client": "cockpit", "pid": os.getpid(), "read_only": True}
            self._send(0, verb="hello", args=args)
        self._send(_SUBSCRIBE, verb="subscribe", args={"topics": _TOPICS, "hz": self._hz})
        self._send(_TAIL, verb="tail", args={"n": 1})

    def _take(self, frame: _Frame, *, line: bytes) -> None:
        if frame.beat is not None:
            self._tell(Beat(frame.beat.now))
        elif frame.sub is not None and frame.id is None:
            self._tell(Told(_STREAMED.decode(line)))
        elif frame.id is not None and frame.id >= _FIRST_ACT:
            done = frame.error or msgspec.json.decode(frame.ok, type=Acted)
            self._tell(Answered(done))
        elif frame.id == _TAIL and bytes(frame.ok):
            # The log starts a little before the newest row, so that the screen is not empty.
            newest = msgspec.json.decode(frame.ok, type=_Rows).next_seq
            args = {"topics": ["events"], "hz": self._hz, "from_seq": max(newest - _EVENTS_BACK, 0)}
            self._send(_LOG, verb="subscribe", args=args)

    def _send(self, id_: int, *, verb: str, args: Mapping[str, object]) -> None:
        """Write one request. What cannot be written is noticed by the reader as a lost link."""
        if self._writer is not None:
            line = msgspec.json.encode({"id": id_, "verb": verb, "args": args}) + b"\n"
            self._writer.write(line)
