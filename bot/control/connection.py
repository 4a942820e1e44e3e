"""One client of the socket: greet, take requests, answer each once, never wait for it (UX §2).

Three tasks a client: the reader of requests, the writer of what waits in the outbox, the beat. An
act or a read of the ledger runs in a task of its own, so that no request waits behind another.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, final

import msgspec
import trio

from bot.control import faults
from bot.control.errors import UserError
from bot.control.frames import (
    Bad,
    Request,
    encode_answer,
    encode_error,
    encode_line,
    parse,
    parse_args,
    verb_of,
)
from bot.control.greeting import Greeting, hello_of
from bot.control.once import Once
from bot.control.outbox import Outbox, OutboxFullError
from bot.control.peer import Peer, login_name
from bot.control.port import Engine
from bot.control.reads import read
from bot.control.stream import Subscription
from bot.control.topics import TOPICS
from bot.control.verbs import (
    HelloArgs,
    SubscribeArgs,
    UnsubscribeArgs,
    VerbKind,
)
from bot.control.wish import act_of

__all__ = ["BAD_FRAMES_MAX", "BEAT_S", "OPEN_MAX", "STALL_S", "Connection"]

BEAT_S: Final = 1.0
STALL_S: Final = 5.0
OPEN_MAX: Final = 64  # open requests; tightening ones are counted apart, never behind the others
BAD_FRAMES_MAX: Final = 20
BAD_WINDOW_S: Final = 60.0
SUBS_MAX: Final = 16
FIRST_FRAME_S: Final = 1.0  # how long a client beyond the 16th may take to show that it tightens
CHUNK: Final = 65_536


@final
class Connection:
    """One accepted client. `admit` is asked with the kind of its first verb (None: no verb)."""

    def __init__(
        self,
        stream: trio.SocketStream,
        *,
        peer: Peer,
        engine: Engine,
        once: Once,
        metrics: Callable[[], str],
        now: Callable[[], str],
        admit: Callable[[VerbKind | None], bool] | None,
    ) -> None:
        self._stream = stream
        self._peer = peer
        self._engine = engine
        self._once = once
        self._metrics = metrics
        self._now = now
        self._admit = admit
        self._outbox = Outbox()
        self._subs: dict[int, Subscription] = {}
        self._subs_made = 0
        self._topic_seq: dict[str, int] = {}
        self._open = {True: 0, False: 0}  # by "does it tighten"
        self._idle = trio.Event()
        self._bad_at: deque[float] = deque(maxlen=BAD_FRAMES_MAX)
        self._greeting = Greeting()
        self._nursery: trio.Nursery

    async def run(self) -> None:
        """Serve the client until it leaves, misbehaves, or stops reading."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            self._outbox.answer(
                encode_line({"hello": hello_of(self._engine.view(), now=self._now())})
            )
            nursery.start_soon(self._write)
            nursery.start_soon(self._beat)
            if self._admit is not None:
                nursery.start_soon(self._expect_first_frame)
            try:
                lingers = await self._read()
                await self._finish(lingers=lingers)
            except OutboxFullError:
                self._engine.note("client dropped", pid=self._peer.pid, why="answers not read")
            nursery.cancel_scope.cancel()

    async def _write(self) -> None:
        while True:
            data = await self._outbox.take()
            try:
                with trio.fail_after(STALL_S):
                    await self._stream.send_all(data)
            except trio.TooSlowError:
                # Half a frame may have left: the connection is of no more use (trio's own rule).
                self._engine.note("client dropped", pid=self._peer.pid, why="not reading")
                self._nursery.cancel_scope.cancel()
                return
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                self._nursery.cancel_scope.cancel()
                return
            self._outbox.written()

    async def _beat(self) -> None:
        while True:
            await trio.sleep(BEAT_S)
            mode = self._engine.view().status.mode
            self._outbox.beat(encode_line({"beat": {"now": self._now(), "mode": mode}}))

    async def _expect_first_frame(self) -> None:
        await trio.sleep(FIRST_FRAME_S)
        if self._admit is not None:
            self._outbox.answer(encode_error(None, faults.busy("16 clients are served already")))
            await self._outbox.drain()
            self._nursery.cancel_scope.cancel()

    async def _finish(self, *, lingers: bool) -> None:
        """After the last request: let answers out; a subscriber stays until writing fails."""
        while lingers and any(self._open.values()):
            self._idle = trio.Event()
            await self._idle.wait()
        if lingers and self._subs:
            await trio.sleep_forever()
        await self._outbox.drain()

    async def _read(self) -> bool:
        """Take requests; True when the client sends no more, False when it must go."""
        waiting = bytearray()
        while True:
            try:
                chunk = await self._stream.receive_some(CHUNK)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return True
            if not chunk:
                return True
            # Only what is new is searched: a line that trickles in byte by byte costs its length.
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                line = bytes(waiting) + end
                waiting.clear()
                if len(line) >= faults.LINE_BYTES_MAX:
                    return self._refuse_length()
                if not self._take(line):
                    return False
                # Let the writer keep up with a client that sends much at once.
                await trio.lowlevel.checkpoint()
            waiting += rest
            if len(waiting) >= faults.LINE_BYTES_MAX:
                return self._refuse_length()

    def _refuse_length(self) -> bool:
        self._outbox.answer(encode_error(None, faults.too_long()))
        return False

    def _take(self, line: bytes) -> bool:
        """Deal with one line; False when the connection must close after its answer."""
        if not line.strip():
            return True
        request = parse(line)
        if isinstance(request, Bad):
            self._outbox.answer(encode_error(None, request.body))
            return self._admitted(None, id_=None) and self._may_be_bad_again()
        verb = verb_of(request)
        if isinstance(verb, Bad):
            self._outbox.answer(encode_error(request.id, verb.body))
            return self._admitted(None, id_=request.id)
        if not self._admitted(verb.kind, id_=request.id):
            return False
        refusal = self._greeting.refusal(request.verb, kind=verb.kind)
        if refusal is not None:
            self._outbox.answer(encode_error(request.id, refusal))
            return True
        args = parse_args(request, verb=verb)
        if isinstance(args, Bad):
            self._outbox.answer(encode_error(request.id, args.body))
            return True
        self._start(request, kind=verb.kind, args=args)
        return True

    def _admitted(self, kind: VerbKind | None, *, id_: int | None) -> bool:
        if self._admit is None:
            return True
        if self._admit(kind):
            self._admit = None
            return True
        if kind is not None:
            self._outbox.answer(encode_error(id_, faults.busy("16 clients are served already")))
        return False

    def _may_be_bad_again(self) -> bool:
        now = trio.current_time()
        self._bad_at.append(now)
        is_full = len(self._bad_at) == BAD_FRAMES_MAX
        return not (is_full and now - self._bad_at[0] <= BAD_WINDOW_S)

    def _start(self, request: Request, *, kind: VerbKind, args: msgspec.Struct) -> None:
        match args:
            case HelloArgs():
                self._greet(request.id, args=args)
            case SubscribeArgs():
                self._subscribe(request.id, args=args)
            case UnsubscribeArgs():
                self._unsubscribe(request.id, args=args)
            case _:
                tightens = kind is VerbKind.TIGHTEN
                if self._open[tightens] >= OPEN_MAX:
                    body = faults.busy(f"{OPEN_MAX} requests are open already")
                    self._outbox.answer(encode_error(request.id, body))
                    return
                self._open[tightens] += 1
                self._nursery.start_soon(self._serve, request, kind, args)

    async def _serve(self, request: Request, kind: VerbKind, args: msgspec.Struct) -> None:
        """Answer one request that may wait."""
        try:
            if kind is VerbKind.READ:
                ok = await read(request.verb, args=args, engine=self._engine, metrics=self._metrics)
            else:
                login = login_name(self._peer.uid)
                ok = await self._once.act(act_of(args, verb=request.verb, login=login))
            line = encode_answer(request.id, ok)
        except UserError as error:
            line = encode_error(request.id, error.body)
        except Exception as error:  # noqa: BLE001  # outermost: a bug becomes a cause [C-606]
            self._engine.fault(where=request.verb, error=error)
            line = encode_error(request.id, faults.internal(request.verb))
        finally:
            self._open[kind is VerbKind.TIGHTEN] -= 1
            self._idle.set()
        try:
            self._outbox.answer(line)
        except OutboxFullError:
            self._engine.note("client dropped", pid=self._peer.pid, why="answers not read")
            self._nursery.cancel_scope.cancel()

    def _greet(self, id_: int, *, args: HelloArgs) -> None:
        body = self._greeting.greet(args)
        if body is not None:
            self._outbox.answer(encode_error(id_, body))
            return
        ok = {"protocol": args.protocol, "read_only": self._greeting.is_reader}
        self._outbox.answer(encode_answer(id_, ok))

    def _subscribe(self, id_: int, *, args: SubscribeArgs) -> None:
        for topic in args.topics:
            if topic not in TOPICS:
                close = faults.nearest(topic, known=TOPICS)
                body = faults.bad_args("subscribe", what=f'no topic "{topic[:40]}"', close=close)
                self._outbox.answer(encode_error(id_, body))
                return
        if len(self._subs) >= SUBS_MAX:
            body = faults.busy(f"{SUBS_MAX} subscriptions are open already")
            self._outbox.answer(encode_error(id_, body))
            return
        self._subs_made += 1
        sub = Subscription(
            self._engine,
            sub=self._subs_made,
            topics=tuple(dict.fromkeys(args.topics)),
            hz=args.hz,
            from_seq=args.from_seq,
            outbox=self._outbox,
            next_seq=self._next_seq,
        )
        self._subs[sub.sub] = sub
        self._outbox.answer(encode_answer(id_, {"sub": sub.sub, "hz": args.hz}))
        self._nursery.start_soon(sub.run)

    def _unsubscribe(self, id_: int, *, args: UnsubscribeArgs) -> None:
        sub = self._subs.pop(args.sub, None)
        if sub is None:
            body = faults.not_found(f"subscription {args.sub}")
            self._outbox.answer(encode_error(id_, body))
            return
        sub.scope.cancel()
        self._outbox.forget(sub.sub)
        self._outbox.answer(encode_answer(id_, {"sub": sub.sub}))

    def _next_seq(self, topic: str) -> int:
        self._topic_seq[topic] = self._topic_seq.get(topic, 0) + 1
        return self._topic_seq[topic]
