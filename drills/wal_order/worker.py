"""One traced engine: it trades until so many orders have left, and writes down when.

Run as a process: `python -m drills.wal_order.worker HOME SEED ORDERS seams|syscalls`. The last line
on stdout is a JSON document. With `syscalls` the disk is reached without a seam, since then a
tracer outside of the process looks on; the line is only counted.
"""

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, final

import msgspec
import trio

from bot.control.errors import Exit, UserError
from bot.domain.mode import Environment
from bot.engine.embedded import ensure_exchange, stop_exchange
from bot.engine.home import make_home
from bot.engine.options import RunOptions
from bot.engine.run import run_engine
from bot.engine.seams import REAL
from drills.disk import watched_disk
from drills.lively import CHURN, make_lively
from drills.wal_order.line import telling_dial
from drills.wal_order.trace import NotFullError, Trace
from drills.witness_venue import ask_placed
from ledger.ledger import Ledger
from ledger.writer import Writer, open_writer

__all__ = ["LIMIT_S", "OpenWriter", "Traced", "main", "trace_run"]

LIMIT_S: Final = 300.0  # then it ends with what it has

OpenWriter = Callable[[Ledger], AbstractAsyncContextManager[Writer]]


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """What one engine's trace shows. `gaps_us` are from barrier to first byte.

    `unseen` are labels at the venue whose frame the trace has not seen; `refused` says why nothing
    was run at all.
    """

    orders: int = 0
    barriers: int = 0
    early: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    gaps_us: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    refused: str | None = None


def main(words: list[str]) -> int:
    """Do one worker's share."""
    home, seed, orders, how = Path(words[0]), int(words[1]), int(words[2]), words[3]
    traced = trace_run(home, seed=seed, orders=orders, has_seam=how == "seams")
    sys.stdout.write(msgspec.json.encode(traced).decode() + "\n")
    return int(Exit.OK if traced.refused is None else Exit.FAILED)


def trace_run(
    folder: Path,
    *,
    seed: int,
    orders: int,
    has_seam: bool,
    limit_s: float = LIMIT_S,
    writer: OpenWriter = open_writer,
) -> Traced:
    """Run the real engine in this process until `orders` have left. `writer` is the real one.

    Raises UserError when the engine cannot start.
    """
    home = make_home(folder)
    make_lively(home.path, strategy=CHURN)
    trace = Trace()
    options = RunOptions(
        home=home.path,
        environment=Environment.DEV,
        seed=seed,
        for_s=limit_s,
        market=None,
        speed=1.0,
        strategy=None,
        live_confirmed=False,
        as_json=True,
    )
    counted = _Count(orders, tell=trace.sending)
    seams = replace(
        REAL,
        dial=partial(telling_dial, counted),
        open_writer=partial(_checked, trace, writer) if has_seam else REAL.open_writer,
        vfs=watched_disk(trace) if has_seam else None,
    )
    try:
        trio.run(partial(run_engine, options, seams))
    except UserError as error:
        if error.body.code == "NOT_FULL":
            return Traced(refused=error.body.what)
        raise
    exchange = ensure_exchange(home, seed=seed, market=None, speed=1.0)
    placed = {row.label for row in ask_placed(home.path)}
    stop_exchange(home, exchange)
    found = trace.orders
    seen = {order.label for order in found}
    return Traced(
        orders=len(found),
        barriers=trace.barriers,
        early=tuple(order.label for order in found if not order.is_in_order) if has_seam else (),
        unseen=tuple(sorted(placed - seen)),
        gaps_us=tuple(
            (order.sent_ns - order.durable_ns) // 1_000
            for order in found
            if order.durable_ns is not None
        ),
        labels=tuple(order.label for order in found),
    )


@asynccontextmanager
async def _checked(trace: Trace, writer: OpenWriter, ledger: Ledger) -> AsyncIterator[Writer]:
    """Open the real writer, once the run's first record has shown that commits wait."""
    async with writer(ledger) as opened:
        try:
            trace.require_full()
        except NotFullError as error:
            raise UserError(
                "NOT_FULL",
                exit=Exit.FAILED,
                what=f"wal-order refuses to run: {error}.",
                why="Without FULL a commit does not wait for the disk, so nothing can be shown.",
                next="Open the ledger with synchronous=FULL, as ledger/connection.py does.",
            ) from error
        yield opened


@final
class _Count:
    """Asks the engine to stop in order once enough orders have left."""

    def __init__(self, orders: int, *, tell: Callable[[str], None]) -> None:
        self._left, self._tell = orders, tell

    def __call__(self, label: str) -> None:
        self._tell(label)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
