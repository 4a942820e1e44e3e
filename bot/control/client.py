"""A blocking client for commands: plain socket and msgspec, no event loop (UX §4.1 "Speed").

One request at a time; frames of streams and beats that come in between are kept or skipped. Every
wait has the client's timeout; silence beyond it is NO_ENGINE, exit 3.
"""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Final, Self, final

import msgspec

from bot.control.errors import ErrorBody, Exit, UserError
from bot.control.place import Place
from bot.control.verbs import PROTOCOLS, VERBS
from bot.domain.mode import Environment

__all__ = ["ABSENT", "Client", "Hello", "Streamed", "no_engine"]

ABSENT: Final = msgspec.Raw(b"")  # Raw cannot be None: the codec would then refuse every object
_CROWD_S: Final = 0.01
_CHUNK: Final = 65_536
_LINE_BYTES_MAX: Final = 1 << 20


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The server's first frame. Unknown keys are ignored: the protocol may grow."""

    protocol: int
    protocols: tuple[int, ...]
    run_id: str
    build_id: str
    contract_version: str
    environment: Environment
    pid: int
    now: str
    stage: str | None = None


class Streamed(msgspec.Struct, frozen=True, kw_only=True):
    """One frame of a subscription; which of the bodies is not ABSENT depends on the topic."""

    sub: int
    topic: str
    seq: int
    at: str
    full: msgspec.Raw = ABSENT
    delta: msgspec.Raw = ABSENT
    rows: msgspec.Raw = ABSENT
    gap: msgspec.Raw = ABSENT


class _Frame(msgspec.Struct, frozen=True, kw_only=True):
    hello: Hello | None = None
    id: int | None = None
    ok: msgspec.Raw = ABSENT
    error: ErrorBody | None = None
    beat: msgspec.Raw = ABSENT
    sub: int | None = None


_FRAME: Final = msgspec.json.Decoder(_Frame)
_STREAMED: Final = msgspec.json.Decoder(Streamed)


def no_engine(place: Place, *, why: str) -> UserError:
    """Word that nobody answers at a home's socket."""
    return UserError(
        "NO_ENGINE",
        exit=Exit.NO_ENGINE,
        what=f"No engine answers at {place.path} ({why}). Nothing was changed.",
        why="It is not running in this home, or it hangs. Orders at the venue are as they were.",
        next="Look: bot status        Start it: bot run",
    )


def _no_answer(place: Place, *, verb: str, why: str) -> UserError:
    return UserError(
        "NO_ENGINE",
        exit=Exit.NO_ENGINE,
        what=f'No answer to "{verb}" at {place.path} ({why}). It may still take effect.',
        why="It was handed over before the silence, and is not taken back by it.",
        next="Look first: bot status",
    )


@final
class Client:
    """A connection to an engine. Use as a context manager."""

    def __init__(self, place: Place, *, timeout_s: float) -> None:
        """Connect and take the greeting. Raises UserError NO_ENGINE."""
        self._place = place
        self._timeout_s = timeout_s
        self._buffer = bytearray()
        self._streamed: list[Streamed] = []
        self._next_id = 1
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(timeout_s)
            self._connect(time.monotonic() + timeout_s)
            frame = self._frame(time.monotonic() + timeout_s)
        except OSError as error:
            self._socket.close()
            raise no_engine(place, why=_plain(error)) from None
        except BaseException:
            self._socket.close()
            raise
        if frame.hello is None:
            self._socket.close()
            raise UserError.of(frame.error) if frame.error else no_engine(place, why="no greeting")
        self.hello = frame.hello

    def _connect(self, deadline: float) -> None:
        """Connect; the kernel says EAGAIN at once while others wait to be let in."""
        while True:
            try:
                self._socket.connect(os.fspath(self._place.path))
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise TimeoutError from None
                time.sleep(_CROWD_S)
            else:
                return

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._socket.close()

    def greet(self, client: str) -> None:
        """Send the verb hello: needed before an act that does not tighten."""
        mine = PROTOCOLS[-1]
        args = {"protocol": mine, "client": client, "pid": os.getpid(), "read_only": False}
        self.ask("hello", args)

    def ask(
        self, verb: str, args: Mapping[str, object] | None = None, *, wait_s: float | None = None
    ) -> bytes:
        """Send a request and return the JSON of its `ok`; `wait_s` is for one that takes longer.

        Raises UserError: the engine's own, or NO_ENGINE when it is silent or goes away. Of an act
        that was handed over before the silence nobody knows then whether it takes effect.
        """
        is_given = False
        changes = verb in VERBS and VERBS[verb].kind.changes
        id_ = self._next_id
        self._next_id += 1
        line = msgspec.json.encode({"id": id_, "verb": verb, "args": dict(args or {})}) + b"\n"
        deadline = time.monotonic() + (self._timeout_s if wait_s is None else wait_s)
        try:
            self._socket.settimeout(self._timeout_s)
            self._socket.sendall(line)
            is_given = True
            while True:
                frame = self._frame(deadline)
                if frame.error is not None and frame.id in (id_, None):
                    raise UserError.of(frame.error)
                if bytes(frame.ok) and frame.id == id_:
                    return bytes(frame.ok)
        except OSError as error:
            if is_given and changes:
                raise _no_answer(self._place, verb=verb, why=_plain(error)) from None
            raise no_engine(self._place, why=_plain(error)) from None

    def streamed(self) -> Iterator[Streamed]:
        """Yield the frames of subscriptions for as long as the engine lives.

        Raises UserError NO_ENGINE after the timeout without any frame: beats count.
        """
        while True:
            while self._streamed:
                yield self._streamed.pop(0)
            try:
                self._frame(time.monotonic() + self._timeout_s)
            except OSError as error:
                raise no_engine(self._place, why=_plain(error)) from None

    def watch_until(self, deadline: float) -> None:
        """Take frames until a moment of the monotonic clock has come.

        Raises UserError NO_ENGINE when the engine closes the connection before.
        """
        try:
            while time.monotonic() < deadline:
                self._frame(deadline)
                self._streamed.clear()
        except TimeoutError:
            return
        except OSError as error:
            raise no_engine(self._place, why=_plain(error)) from None

    def _frame(self, deadline: float) -> _Frame:
        line = self._line(deadline)
        try:
            frame = _FRAME.decode(line)
            if frame.sub is not None and frame.id is None:
                self._streamed.append(_STREAMED.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise no_engine(self._place, why="it does not speak our protocol") from error
        return frame

    def _line(self, deadline: float) -> bytes:
        while True:
            end = self._buffer.find(b"\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line
            left_s = deadline - time.monotonic()
            if left_s <= 0 or len(self._buffer) > _LINE_BYTES_MAX:
                raise TimeoutError
            self._socket.settimeout(left_s)
            chunk = self._socket.recv(_CHUNK)
            if not chunk:
                raise ConnectionResetError
            self._buffer += chunk


def _plain(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no socket"
        case ConnectionRefusedError():
            return "nobody listens"
        case TimeoutError():
            return "it is silent"
        case ConnectionResetError() | BrokenPipeError():
            return "it closed the connection"
        case PermissionError():
            return "it belongs to another user"
        case _:
            return error.strerror or type(error).__name__
