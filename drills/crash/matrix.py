"""`bot drill crash-matrix`: the engine is killed at every named point, and two witnesses judge.

What is real: engine, ledger, exchange, sockets, disk, SIGKILL. What is not shown: loss of power
(the kernel lives on, so that what was written and not synced survives here; `wal-order` shows the
barriers), and a venue that breaks its own rules.
"""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Final

import msgspec

from drills.crash.point import Point
from drills.crash.worker import Cycle, Verdict
from drills.leave import stop_exchanges
from drills.progress import Progress
from drills.report import Report

__all__ = ["HITS_MIN", "crash_matrix", "report_of"]

HITS_MIN: Final = 5  # of each point, when there are cycles enough
_ENOUGH_CYCLES: Final = 2 * HITS_MIN * len(Point)
_WORKERS: Final = 4  # a cycle mostly waits for the venue's clock, so that two cores carry four
_FIGURES: Final = (
    "duplicates",
    "lost_fills",
    "unresolved",
    "position_mismatch",
    "sent_before_durable",
    "ledgers_broken",
)
_LINE: Final = msgspec.json.Decoder(Cycle | Verdict)


def crash_matrix(folder: Path, *, cycles: int, seed: int, is_silent: bool) -> Report:
    """Run the drill in homes under `folder`."""
    began = time.monotonic()
    workers = min(_WORKERS, cycles)
    shares = [cycles // workers + (1 if n < cycles % workers else 0) for n in range(workers)]
    progress = Progress("crash-matrix", total=cycles, is_silent=is_silent)
    lines: Queue[Cycle | Verdict | str | None] = Queue()
    done: list[Cycle] = []
    verdicts: list[Verdict] = []
    broken: list[str] = []
    processes = [
        _start(folder / f"home-{number}", seed=seed + number, cycles=share)
        for number, share in enumerate(shares)
    ]
    try:
        for process in processes:
            Thread(target=_follow, args=(process, lines), daemon=True).start()
        while workers:
            match lines.get():
                case None:
                    workers -= 1
                case Cycle() as cycle:
                    done.append(cycle)
                    progress.add()
                case Verdict() as verdict:
                    verdicts.append(verdict)
                case str() as fault:
                    broken.append(fault)
    finally:
        for process in processes:
            process.kill()
            process.wait()
        stop_exchanges(folder)
    return report_of(
        done,
        verdicts=verdicts,
        wanted=(cycles, len(shares)),
        broken=broken,
        command=f"bot drill crash-matrix --cycles {cycles} --seed {seed}",
        seconds=time.monotonic() - began,
    )


def report_of(
    cycles: list[Cycle],
    *,
    verdicts: list[Verdict],
    wanted: tuple[int, int],
    broken: list[str],
    command: str,
    seconds: float,
) -> Report:
    """Sum up. `wanted` are the cycles and the verdicts that there must be."""
    hits = Counter(cycle.point for cycle in cycles if cycle.is_hit)
    tried = Counter(cycle.point for cycle in cycles)
    found: dict[str, list[str]] = {name: [] for name in _FIGURES}
    for verdict in verdicts:
        for name, findings in verdict.findings.items():
            found[name] += findings
    for cycle in cycles:
        found["sent_before_durable"] += [f"after {cycle.spot}: {text}" for text in cycle.early]
    faults = [f"{c.point} at {c.spot}: {c.fault}" for c in cycles if c.fault is not None]
    hits_min = min(hits[point.value] for point in Point)
    enough = HITS_MIN if wanted[0] >= _ENOUGH_CYCLES else 0
    is_whole = (len(cycles), len(verdicts)) == wanted and not broken
    passed = is_whole and not any(found.values()) and not faults and hits_min >= enough
    return Report(
        drill="crash-matrix",
        command=command,
        passed=passed,
        figures={
            "cycles": len(cycles),
            "points": len(Point),
            "kills": hits.total(),
            "hits_min": hits_min,
            **{name: len(findings) for name, findings in found.items()},
            "engine_faults": len(faults) + len(broken),
            "orders": sum(verdict.orders for verdict in verdicts),
            "fills": sum(verdict.fills for verdict in verdicts),
            "records": sum(verdict.records for verdict in verdicts),
            "seconds": round(seconds, 1),
        },
        results=tuple(
            {"point": point.value, "hits": hits[point.value], "tried": tried[point.value]}
            for point in Point
        ),
        notes=(
            *(f"{name}: {text}" for name, texts in found.items() for text in texts),
            *(f"engine: {fault}" for fault in (*faults, *broken)),
            *(f"cause: {cause}" for verdict in verdicts for cause in verdict.causes),
        ),
    )


def _start(home: Path, *, seed: int, cycles: int) -> "subprocess.Popen[bytes]":
    words = [str(home), str(seed), str(cycles)]
    return subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "drills.crash.worker", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _follow(
    process: "subprocess.Popen[bytes]", lines: "Queue[Cycle | Verdict | str | None]"
) -> None:
    """Hand a worker's lines on; one that ends badly says why."""
    with process:
        assert process.stdout is not None  # noqa: S101  # asked for above
        assert process.stderr is not None  # noqa: S101  # asked for above
        for line in process.stdout:
            lines.put(_LINE.decode(line))
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode != 0:
        lines.put(f"a worker ended with {process.returncode}: {said[-500:]}")
    lines.put(None)
