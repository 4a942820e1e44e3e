"""F1, F3, F4: from a frame that can be read to the order's bytes on the socket, stage by stage.

    python -m tests.bench.hot_path_bench [--n 400] [--json]

The real link, decoder, core, ledger writer and dispatch, against a peer process. Two things are not
as in a run: the engine's tick comes at once after the fold instead of within its 100 ms, and the
session's own queue for rate credits is left out, since it would wait on purpose. Each round begins
from the same state, so that gates and books are the same size in each.
"""

import argparse
import itertools
import select
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import trio

import bot.core.decide as deciding
from bot.core.effect import Commit, SendOrder
from bot.core.event import Committed, Event, Reported, Tick
from bot.core.life import LifeEvent, Phase
from bot.core.record import IntentRecorded, Moved
from bot.core.state import State
from bot.core.step import step
from bot.dispatch.dispatch import Dispatch
from bot.domain.side import Side
from bot.intent.intent import OrderIntent
from bot.strategy.interface import Params, Proposal, View
from bot.venue.envelope import decode_envelope, encode_request
from bot.venue.link import Link
from bot.venue.reply import NoReply, Reply, Still
from bot.venue.websocket import websocket_dial
from bot.venue.wire.notification import decode_notification
from ledger.entry import Body, Entry
from ledger.writer import Writer, open_writer
from tests.bench.exchange_frames import collect
from tests.bench.feed_figures import decode_and_step
from tests.bench.figures import (
    DRIFT_MAX,
    STEAL_MAX,
    drift,
    file_system,
    spread,
    stolen,
    summary,
)
from tests.bench.floors import Barrier, SocketWrite
from tests.bot.core.desk import place, ready
from tests.bot.core.market import CALL, NOON_MS
from tests.ledger.making import RUN, opened

WARM: Final = 40  # rounds before the first that counts
INSIDE: Final = 200  # rounds of their own for what is within the decision: stamps cost time
ORDER_BYTES: Final = 420  # of an order's frame, within ten
STAGES: Final = ("frame", "decode", "fold", "decide", "commit", "release", "write")
INNER: Final = {
    "view and risk": ("risk_of", "view_of"),
    "build": ("build_order_intent", "intent_id", "label_of"),
    "gates": ("facts_of", "check"),
    "capsule": ("snapshot_body", "capsule_body"),
}
Samples = dict[str, list[float]]


def wish(_view: View, _params: Params) -> tuple[Proposal, ...]:
    """Want one open at every tick."""
    return (place(CALL, Side.SELL, "0.1", "0.0125"),)


@contextmanager
def timed_inside(into: Samples) -> Iterator[None]:
    """Time what the decision calls, by name, without changing what it does."""
    kept = {name: getattr(deciding, name) for names in INNER.values() for name in names}

    def timed(part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: object, **kwargs: object) -> Any:
            began = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                into[part][-1] += time.perf_counter() - began

        return run

    for part, names in INNER.items():
        for name in names:
            setattr(deciding, name, timed(part, kept[name]))
    try:
        yield
    finally:
        for name, call in kept.items():
            setattr(deciding, name, call)


class Venue(NamedTuple):
    """The peer's port, and how to have it send one frame."""

    port: int
    ask_next: Callable[[], object]


class Journey:
    """The engine's path, laid out so that each stage can be stamped."""

    def __init__(
        self, link: Link, writer: Writer, state: State, *, ask_next: Callable[[], object]
    ) -> None:
        """Take the real parts; `state` has its latch open and fresh prices.

        `ask_next` has the peer send a frame. It blocks and lets no other task run: else the link's
        own reader would have the frame before the stamp is taken.
        """
        self._ask_next = ask_next
        self._link, self._writer, self._first = link, writer, state
        self._sent_at = 0.0
        self._dispatch = Dispatch(
            call=self._call,
            still_held=lambda: True,
            still_alone=lambda: True,
            why_not_open=lambda: None,
        )

    async def _call(
        self, method: str, params: Mapping[str, object], *, still: Still, **_: object
    ) -> Reply:
        assert still() is None
        await self._link.send(encode_request(method, params=params, request_id=1))
        self._sent_at = time.perf_counter()
        return NoReply(why="the bench does not wait")

    async def round(self, number: int) -> dict[str, float]:
        """Go the path once; return the seconds of each stage."""
        state = self._begin(number)
        self._ask_next()
        self._wait_readable()
        marks = [time.perf_counter()]
        frame = await self._link.receive()
        marks.append(time.perf_counter())
        notification = decode_envelope(frame).notification
        assert notification is not None
        reports = decode_notification(notification.channel, data=notification.data)
        marks.append(time.perf_counter())
        for report in reports:
            state, _ = step(state, _at(state, Reported(report)))
        marks.append(time.perf_counter())
        state, effects = step(state, _at(state, Tick()))
        marks.append(time.perf_counter())
        (commit,) = (effect for effect in effects if isinstance(effect, Commit))
        committed = await self._writer.commit([_row(made) for made in commit.entries])
        marks.append(time.perf_counter())
        state, effects = step(state, _at(state, Committed(commit.batch)))
        (send,) = (effect for effect in effects if isinstance(effect, SendOrder))
        marks.append(time.perf_counter())
        (permit,) = committed.recorded
        assert isinstance(send.intent, OrderIntent)
        await self._dispatch.send(permit, send.intent)
        marks.append(self._sent_at)
        await self._forget(commit)
        return dict(zip(STAGES, _differences(marks), strict=True))

    def _begin(self, number: int) -> State:
        durable = msgspec.structs.replace(self._first.durable, sequence=number)
        return replace(self._first, durable=durable)

    def _wait_readable(self) -> None:
        """Hold the whole process until the frame is in: the stamp is of the readable socket."""
        stream = self._link._connection._stream  # type: ignore[attr-defined]  # there is no public way to the socket
        socket = stream.socket
        ready, _, _ = select.select([socket.fileno()], [], [], 5.0)
        assert ready, "the peer sent nothing within 5 s"

    async def _forget(self, commit: Commit) -> None:
        """Have the order rejected, so that the ledger's state stays as small as it was."""
        made = next(e.record for e in commit.entries if isinstance(e.record, IntentRecorded))
        record = Moved(
            intent_id=made.intent_id, event=LifeEvent.REJECT, phase=Phase.REJECTED, why="bench"
        )
        entry = Entry(
            record=record,
            run_id=RUN,
            at_venue_ms=NOON_MS,
            at_mono_ns=1,
            intent_id=made.intent_id,
        )
        await self._writer.commit([entry])


def _at(state: State, what: Any) -> Event:
    return Event(now_ms=state.now_ms, mono_ms=state.mono_ms, what=what)


def _row(made: Any) -> Entry:
    record = made.record
    ref = str(record.label) if isinstance(record, IntentRecorded) else None
    return Entry(
        record=record,
        run_id=RUN,
        at_venue_ms=NOON_MS,
        at_mono_ns=1,
        intent_id=getattr(record, "intent_id", None),
        ref=ref,
        bodies=tuple(Body(hash=body.hash, content=body.content) for body in made.bodies),
    )


def _differences(marks: list[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(marks)]


async def hot_path(folder: Path, *, n: int, venue: Venue) -> dict[str, Any]:
    """Measure n rounds, a barrier and a socket write after each."""
    desk = ready(decide=lambda _view, _params: ())
    desk.quote()
    settings = replace(
        desk.state.settings, strategy=replace(desk.state.settings.strategy, decide=wish)
    )
    state = replace(desk.state, settings=settings)
    stages: Samples = defaultdict(list)
    inner: Samples = defaultdict(list)
    floors: Samples = defaultdict(list)
    ledger = opened(folder)
    async with (
        websocket_dial(f"ws://127.0.0.1:{venue.port}")() as link,
        open_writer(ledger) as writer,
    ):
        path = Journey(link, writer, state, ask_next=venue.ask_next)
        with Barrier(folder) as barrier, SocketWrite(ORDER_BYTES) as written:
            for number in range(1, WARM + n + 1):
                took = await path.round(number)
                pair = {"barrier": barrier.once(), "socket write": written.once()}
                if number > WARM:
                    _keep(stages, took)
                    _keep(floors, pair)
        with timed_inside(inner):
            for number in range(WARM + n + 1, WARM + n + 1 + INSIDE):
                for part in INNER:
                    inner[part].append(0.0)
                await path.round(number)
    ledger.close()
    return _told(stages, inner, floors)


def _keep(samples: Samples, took: Mapping[str, float]) -> None:
    for name, seconds in took.items():
        samples[name].append(seconds)


def _told(stages: Samples, inner: Samples, floors: Samples) -> dict[str, Any]:
    whole = [sum(parts) for parts in zip(*(stages[name] for name in STAGES), strict=True)]
    bare = [total - commit for total, commit in zip(whole, stages["commit"], strict=True)]
    ratios = [total / floor for total, floor in zip(whole, floors["barrier"], strict=True)]
    commits = [c / floor for c, floor in zip(stages["commit"], floors["barrier"], strict=True)]
    writes = [w / floor for w, floor in zip(stages["write"], floors["socket write"], strict=True)]
    return {
        "tick_to_bytes": summary(whole),
        "without_commit": summary(bare),
        "stages": {name: summary(stages[name]) for name in STAGES},
        "within_decide": {part: summary(inner[part]) for part in INNER},
        "floors": {name: summary(floors[name]) for name in ("barrier", "socket write")},
        "barrier_drift": drift(floors["barrier"]),
        "ratios": {
            "tick_to_bytes / barrier": spread(ratios),
            "commit / barrier": spread(commits),
            "write / socket write": spread(writes),
        },
    }


@contextmanager
def peer() -> Iterator[Venue]:
    """Run the venue's end beside us."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.peer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as process:
        out, into = process.stdout, process.stdin
        assert out is not None
        assert into is not None
        try:
            yield Venue(int(out.readline()), lambda: into.write(b"."))
        finally:
            process.terminate()


def main() -> int:
    """Run the bench and print its figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--n", type=int, default=400)
    words.add_argument("--frames", type=int, default=3_000)
    words.add_argument("--json", action="store_true")
    words.add_argument("--dir", type=Path, default=Path.cwd(), help="a disk, never a tmpfs")
    given = words.parse_args()
    kind = file_system(given.dir)
    if kind in ("tmpfs", "ramfs"):
        sys.stderr.write(f"{given.dir} is on {kind}: there is no barrier to measure there.\n")
        return 1
    before = stolen()
    with tempfile.TemporaryDirectory(dir=given.dir, prefix=".bench-") as folder:
        feed = collect(Path(folder), count=given.frames)
        figures = decode_and_step(feed)
        with peer() as venue:
            home = Path(folder) / "home"
            figures = {**trio.run(partial(hot_path, home, n=given.n, venue=venue)), "feed": figures}
    steal, all_ticks = (now - then for now, then in zip(stolen(), before, strict=True))
    share = round(steal / max(all_ticks, 1), 4)
    figures["steal_share"] = share
    figures["void"] = figures["barrier_drift"] > DRIFT_MAX or share > STEAL_MAX
    document = {"schema": "bot.bench-hot-path/1", "file_system": kind, "n": given.n, **figures}
    if given.json:
        sys.stdout.write(f"{msgspec.json.encode(document).decode()}\n")
    else:
        sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(document)).decode()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
