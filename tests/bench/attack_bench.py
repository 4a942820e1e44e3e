"""Does a crowd of hostile clients make orders late? F1's path beside a quiet run, as a ratio.

    python -m tests.bench.attack_bench [--n 150] [--pairs 3] [--clients 200] [--kind idle] [--json]

The path is the one of `hot_path_bench`: from a frame that can be read to the order's bytes on the
socket, through the real link, core, ledger writer and dispatch. Beside it, in the same loop, the
real socket and HTTP servers let the crowd in, which is a process of its own. Quiet and attacked run
in turn. A round holds the loop but for its barrier, so what an attack can cost shows there, and in
how long a round waits to begin: `wake` is by how much a sleep of 5 ms was overslept.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import trio

from bot.control.http import serve_http
from bot.control.once import Once
from bot.control.place import Place
from bot.control.publish import publish
from bot.control.socket import serve_socket
from bot.control.token import http_token
from bot.venue.websocket import websocket_dial
from ledger.writer import open_writer
from tests.bench.figures import STEAL_MAX, file_system, percentile, spread, stolen, summary
from tests.bench.hot_path_bench import WARM, Journey, Venue, peer, wish
from tests.bot.control.fake_engine import FakeEngine
from tests.bot.core.desk import ready
from tests.ledger.making import opened

PAUSE_S: Final = 0.005


@contextmanager
def crowd(home: Path, *, clients: int, kind: str) -> Iterator[None]:
    """Have the crowd at the doors."""
    with subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "tests.bench.crowd", str(home), str(clients), kind],
        stdin=subprocess.PIPE,
    ) as process:
        try:
            yield
        finally:
            process.kill()


async def attacked(home: Path, *, given: argparse.Namespace, venue: Venue) -> dict[str, Any]:
    """Measure quiet and attacked rounds in turn."""
    desk = ready(decide=lambda _view, _params: ())
    desk.quote()
    engine = FakeEngine(publish(desk.state, fills=(), events=()))
    strategy = replace(desk.state.settings.strategy, decide=wish)
    state = replace(desk.state, settings=replace(desk.state.settings, strategy=strategy))
    ledger = opened(home)
    async with (
        websocket_dial(f"ws://127.0.0.1:{venue.port}")() as link,
        open_writer(ledger) as writer,
        trio.open_nursery() as nursery,
    ):
        once = Once(engine, nursery=nursery)
        place = Place(home / "run/engine.sock", is_short=False)
        to_all = {"engine": engine, "once": once, "metrics": lambda: ""}
        token = http_token(home)
        await nursery.start(partial(serve_socket, place, holds_ledger_lock=True, **to_all))
        bound = await nursery.start(partial(serve_http, 0, token=token, **to_all))
        (home / "run/http.port").write_text(f"{bound}\n")
        path = Journey(link, writer, state, ask_next=venue.ask_next)
        rounds: dict[str, list[float]] = {"quiet": [], "attacked": []}
        wakes: dict[str, list[float]] = {"quiet": [], "attacked": []}
        pairs: list[float] = []
        number = 0
        for _ in range(given.pairs):
            p99 = {}
            for name in rounds:
                doors = crowd(home, clients=given.clients, kind=given.kind)
                took, woke = [], []
                with doors if name == "attacked" else nullcontext():
                    await trio.sleep(2.0 if name == "attacked" else 1.0)
                    for turn in range(WARM + given.n):
                        began = time.perf_counter()
                        await trio.sleep(PAUSE_S)
                        late = time.perf_counter() - began - PAUSE_S
                        number += 1
                        whole = sum((await path.round(number)).values())
                        if turn >= WARM:
                            took.append(whole)
                            woke.append(late)
                rounds[name] += took
                wakes[name] += woke
                p99[name] = percentile(took, 0.99)
            pairs.append(p99["attacked"] / p99["quiet"])
        nursery.cancel_scope.cancel()
    ledger.close()
    return {
        "tick_to_bytes": {name: summary(samples) for name, samples in rounds.items()},
        "wake": {name: summary(samples) for name, samples in wakes.items()},
        "ratio_p99": round(
            percentile(rounds["attacked"], 0.99) / percentile(rounds["quiet"], 0.99), 2
        ),
        "ratio_p50": round(
            percentile(rounds["attacked"], 0.5) / percentile(rounds["quiet"], 0.5), 2
        ),
        "ratio_p99_of_pairs": spread(pairs),
        "faults": len(engine.faults),
    }


def main() -> int:
    """Run the bench and print its figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--n", type=int, default=150)
    words.add_argument("--pairs", type=int, default=3)
    words.add_argument("--clients", type=int, default=200)
    words.add_argument("--kind", choices=("idle", "flood"), default="idle")
    words.add_argument("--json", action="store_true")
    words.add_argument("--dir", type=Path, default=Path.cwd(), help="a disk, never a tmpfs")
    given = words.parse_args()
    kind = file_system(given.dir)
    if kind in ("tmpfs", "ramfs"):
        sys.stderr.write(f"{given.dir} is on {kind}: there is no barrier to measure there.\n")
        return 1
    before = stolen()
    with tempfile.TemporaryDirectory(dir=given.dir, prefix=".bench-") as folder, peer() as venue:
        figures = trio.run(partial(attacked, Path(folder) / "home", given=given, venue=venue))
    steal, all_ticks = (now - then for now, then in zip(stolen(), before, strict=True))
    share = round(steal / max(all_ticks, 1), 4)
    document = {
        "schema": "bot.bench-attack/1",
        "file_system": kind,
        "clients": given.clients,
        "kind": given.kind,
        "n": given.n * given.pairs,
        **figures,
        "steal_share": share,
        "void": share > STEAL_MAX,
    }
    encoded = msgspec.json.encode(document)
    shown = encoded if given.json else msgspec.json.format(encoded)
    sys.stdout.write(f"{shown.decode()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
