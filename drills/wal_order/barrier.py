"""`bot drill wal-order`: a barrier on the ledger's log completes before the first byte of an order.

The whole engine runs, on a real file and a real socket, against the real exchange process. Each
order is judged by itself. What is not shown: that the disk keeps what it says it keeps.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from bot.control.errors import Exit, UserError
from drills.leave import stop_exchanges
from drills.progress import Progress
from drills.report import Report
from drills.wal_order.syscalls import TRACER, read_calls
from drills.wal_order.trace import Order
from drills.wal_order.worker import LIMIT_S, Traced

__all__ = ["report_of", "wal_order"]

_WORKERS: Final = 4  # the venue takes five orders a second from one account


def wal_order(folder: Path, *, orders: int, seed: int, has_tracer: bool, is_silent: bool) -> Report:
    """Run the drill in homes under `folder`; `has_tracer` also proves it by system calls.

    Raises UserError when the ledger does not wait for the disk, or the tracer is not there.
    """
    if has_tracer and shutil.which(TRACER[0]) is None:
        raise UserError(
            "NO_TRACER",
            exit=Exit.FAILED,
            what="strace is not installed, so system calls cannot be looked at.",
            why="Nothing was run.",
            next="Install strace, or leave --strace out: the file seam shows the same.",
        )
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    workers = min(_WORKERS, orders)
    shares = [orders // workers + (1 if n < orders % workers else 0) for n in range(workers)]
    progress = Progress("wal-order", total=orders, is_silent=is_silent)

    def run(number: int) -> tuple[Traced, tuple[Order, ...]]:
        home = folder / f"home-{number}"
        words = [str(home), str(seed + number), str(shares[number])]
        found = _run(words, calls=folder / f"calls-{number}" if has_tracer else None)
        progress.add(found[0].orders)
        return found

    try:
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(run, range(workers)))
    finally:
        stop_exchanges(folder)
    return report_of(
        [traced for traced, _ in found],
        calls=[calls for _, calls in found] if has_tracer else None,
        wanted=orders,
        command=f"bot drill wal-order --n {orders} --seed {seed}"
        + (" --strace" if has_tracer else ""),
        seconds=time.monotonic() - began,
    )


def report_of(
    traced: list[Traced],
    *,
    calls: list[tuple[Order, ...]] | None,
    wanted: int,
    command: str,
    seconds: float,
) -> Report:
    """Sum up. With `calls` the verdict is the system calls' own, else the seams'."""
    orders = sum(one.orders for one in traced)
    if calls is None:
        early = [label for one in traced for label in one.early]
        unseen = [label for one in traced for label in one.unseen]
    else:
        early = [order.label for one in calls for order in one if not order.is_in_order]
        unseen = list(_missed(traced, calls))
        orders = sum(map(len, calls))
    gaps = sorted(gap for one in traced for gap in one.gaps_us)
    figures: dict[str, object] = {
        # One more may leave while an engine is asked to stop: it is judged too, and not counted.
        "orders": min(orders, wanted),
        "sent_before_durable": len(early),
        "unseen_orders": len(unseen),
        "proof": "file seam" if calls is None else "system calls",
    }
    if calls is None:
        figures["barriers"] = sum(one.barriers for one in traced)
        figures["gap_us_min"] = gaps[0] if gaps else 0
        figures["gap_us_p50"] = gaps[len(gaps) // 2] if gaps else 0
    return Report(
        drill="wal-order",
        command=command,
        passed=orders >= wanted and not early and not unseen,
        figures={**figures, "seconds": round(seconds, 1)},
        results=tuple(
            {"engine": number, "orders": one.orders, "early": len(one.early)}
            for number, one in enumerate(traced)
        ),
        notes=(
            *(f"sent before it was durable: {label}" for label in early),
            *(f"at the venue, its frame unseen: {label}" for label in unseen),
        ),
    )


def _missed(traced: list[Traced], calls: list[tuple[Order, ...]]) -> Iterator[str]:
    """Name what the link or the venue saw, and the tracer did not: its proof would have a hole."""
    seen = {order.label for one in calls for order in one}
    for one in traced:
        yield from (label for label in (*one.labels, *one.unseen) if label not in seen)


def _run(words: list[str], *, calls: Path | None) -> tuple[Traced, tuple[Order, ...]]:
    command = [sys.executable, "-m", "drills.wal_order.worker", *words]
    if calls is None:
        command.append("seams")
    else:
        command = [*TRACER, f"--output={calls}", *command, "syscalls"]
    done = subprocess.run(  # noqa: S603  # our own interpreter and module
        command, capture_output=True, timeout=LIMIT_S + 120, check=False
    )
    try:
        traced = msgspec.json.decode(done.stdout.splitlines()[-1], type=Traced)
    except (IndexError, msgspec.DecodeError):
        said = done.stderr.decode(errors="replace").strip()[-500:]
        raise UserError(
            "DRILL",
            exit=Exit.FAILED,
            what=f"An engine of the drill ended with {done.returncode}: {said}",
            why="Without its trace nothing is shown.",
            next="Run it again with --keep DIR, and read the logs there.",
        ) from None
    if traced.refused is not None:
        raise UserError(
            "NOT_FULL",
            exit=Exit.FAILED,
            what=traced.refused,
            why="Without FULL a commit does not wait for the disk, so nothing can be shown.",
            next="Open the ledger with synchronous=FULL, as ledger/connection.py does.",
        )
    if calls is None:
        return traced, ()
    with calls.open(encoding="ascii", errors="replace") as lines:
        return traced, read_calls(lines)
