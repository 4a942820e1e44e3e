"""F2: durable intents a second with 1, 10 and 100 waiters, beside the barrier; and time to recover.

    python -m tests.bench.ledger_bench [--n 1000] [--recover 10000 100000] [--json]

Commits are real intents through the real writer thread, each with a capsule and a snapshot of its
own. Rounds of barriers and rounds of commits take turns, so that the disk's mood is in both.

Recovery opens a ledger of so many intents, each with what became of it, as a crash leaves it: the
records since the newest snapshot are folded. Its intents share one capsule and one snapshot, since
an opening reads no body. Cold is after the kernel was asked to forget the file's pages.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import trio

from bot.core.life import LifeEvent
from bot.core.record import IntentRecorded
from ledger.connection import DATABASE_NAME
from ledger.entry import Body, Entry
from ledger.ledger import Ledger
from ledger.upkeep import upkeep
from ledger.writer import Writer, open_writer
from tests.bench.figures import (
    DRIFT_MAX,
    STEAL_MAX,
    drift,
    file_system,
    percentile,
    stolen,
    summary,
)
from tests.bench.floors import Barrier
from tests.ledger.making import intent, moved, opened

WAITERS: Final = (1, 10, 100)
ROUNDS: Final = 10
GROUP: Final = 120  # intents of one commit while a ledger is being built
APART: Final = 10_000  # ms between two decisions: a minute's brake stays as small as in a run
OPENINGS: Final = 3


def entry_of(number: int) -> Entry:
    """An intent with bodies of its own, as large as a run's: about 2 and 12 KiB."""
    whole = intent(number * APART)
    assert isinstance(whole.record, IntentRecorded)
    capsule = Body.of(b'{"capsule":%d,"gates":"%s"}' % (number, _text(number, 60)))
    snapshot = Body.of(b'{"snapshot":%d,"view":"%s"}' % (number, _text(number, 400)))
    record = msgspec.structs.replace(whole.record, capsule=capsule.hash, snapshot=snapshot.hash)
    return replace(whole, record=record, bodies=(capsule, snapshot))


def _text(number: int, words: int) -> bytes:
    """Text that packs about as well as a book's figures do."""
    return b",".join(
        b'"0.%04d","%d.5"' % ((number * 31 + n * n) % 10_000, n * 7) for n in range(words)
    )


async def committed(
    folder: Path, *, waiters: int, n: int, first: int, floor: Barrier
) -> dict[str, Any]:
    """Commit `n` intents with so many callers at once; return figures and the barriers beside."""
    took: list[float] = []
    barriers: list[float] = []
    spent = 0.0
    size = max(n // ROUNDS, waiters)  # of a round: at least one for each
    with opened(folder) as ledger:
        async with open_writer(ledger) as writer:
            for turn in range(ROUNDS):
                barriers += [floor.once() for _ in range(50)]
                begin = first + turn * size
                entries = [entry_of(begin + number) for number in range(size)]
                began = time.perf_counter()
                await _all_at_once(writer, entries, waiters=waiters, took=took)
                spent += time.perf_counter() - began
                await _finish(writer, entries)
    base = percentile(barriers, 0.5)
    figures = summary(took)
    return {
        "intents": len(took),
        "intents_per_s": round(len(took) / spent),
        **figures,
        "barrier": summary(barriers),
        "barrier_drift": drift(barriers),
        "ratios": {
            "p50 / barrier p50": round(percentile(took, 0.5) / base, 2),
            "p99 / barrier p99": round(percentile(took, 0.99) / percentile(barriers, 0.99), 2),
            "barriers an intent costs": round(spent / len(took) / base, 2),
        },
    }


async def _all_at_once(
    writer: Writer, entries: list[Entry], *, waiters: int, took: list[float]
) -> None:
    left = iter(entries)

    async def commit_what_is_left() -> None:
        for entry in left:
            began = time.perf_counter()
            await writer.commit([entry])
            took.append(time.perf_counter() - began)

    async with trio.open_nursery() as nursery:
        for _ in range(waiters):
            nursery.start_soon(commit_what_is_left)


async def _finish(writer: Writer, entries: list[Entry]) -> None:
    """Let the orders end, so that the state stays as small as a run's."""
    for at in range(0, len(entries), GROUP):
        ended = [moved(entry, LifeEvent.CANCELLED) for entry in entries[at : at + GROUP]]
        await writer.commit(ended)


def built(folder: Path, intents: int) -> int:
    """Make a ledger of so many intents, each with its end, and leave it as a crash would."""
    ledger = opened(folder)
    for begin in range(0, intents, GROUP):
        ledger.commit(list(_story(begin, min(begin + GROUP, intents))))
        upkeep(ledger, is_idle=False)
        if begin % 60_000 == 0 and begin:
            sys.stderr.write(f"{begin} of {intents}\n")
    records = ledger.head.seq
    ledger.poison_with("the bench ends it badly")
    ledger.close()
    return records


def _story(begin: int, end: int) -> Iterator[Entry]:
    for number in range(begin, end):
        entry = intent(number * APART)
        yield entry if number == 0 else replace(entry, bodies=())
        yield moved(entry, LifeEvent.CANCELLED)


def recovered(folder: Path, *, records: int) -> dict[str, Any]:
    """Open it, warm and cold; each time leave it as it was found."""
    took: dict[str, list[float]] = {"warm": [], "cold": []}
    tail = 0
    for _ in range(OPENINGS):
        for name, samples in took.items():
            if name == "cold":
                _forget(folder)
            began = time.perf_counter()
            ledger = opened(folder, create=False)
            samples.append(time.perf_counter() - began)
            if ledger.head.seq != records:
                raise AssertionError(f"opened at {ledger.head.seq}, not {records}")
            tail = records - ledger.snapshot_seq
            _leave(ledger)
    return {
        "records": records,
        "tail_records": tail,
        "file_mb": round((folder / DATABASE_NAME).stat().st_size / 1e6),
        "warm_s": round(min(took["warm"]), 3),
        "cold_s": round(max(took["cold"]), 3),
    }


def _leave(ledger: Ledger) -> None:
    ledger.poison_with("the bench ends it badly")  # no snapshot, no checkpoint
    ledger.close()


def _forget(folder: Path) -> None:
    for path in folder.glob(f"{DATABASE_NAME}*"):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def measured(folder: Path, *, n: int, recover: list[int]) -> dict[str, Any]:
    """Return the figures of all cases."""
    commits = {}
    with Barrier(folder) as floor:
        for case, waiters in enumerate(WAITERS):
            home = folder / f"commits-{waiters}"
            commits[f"{waiters} waiters"] = trio.run(
                partial(committed, home, waiters=waiters, n=n, first=case * 10_000_000, floor=floor)
            )
            shutil.rmtree(home)
    recoveries = {}
    for intents in recover:
        home = folder / f"recover-{intents}"
        began = time.perf_counter()
        records = built(home, intents)
        built_s = round(time.perf_counter() - began, 1)
        recoveries[f"{intents} intents"] = {**recovered(home, records=records), "built_s": built_s}
        shutil.rmtree(home)
    return {"commits": commits, "recovery": recoveries}


def main() -> int:
    """Run the bench and print its figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--n", type=int, default=1_000)
    words.add_argument("--recover", type=int, nargs="*", default=[10_000, 100_000])
    words.add_argument("--json", action="store_true")
    words.add_argument("--dir", type=Path, default=Path.cwd(), help="a disk, never a tmpfs")
    given = words.parse_args()
    kind = file_system(given.dir)
    if kind in ("tmpfs", "ramfs"):
        sys.stderr.write(f"{given.dir} is on {kind}: there is no barrier to measure there.\n")
        return 1
    before = stolen()
    with tempfile.TemporaryDirectory(dir=given.dir, prefix=".bench-") as folder:
        figures = measured(Path(folder), n=given.n, recover=given.recover)
    steal, all_ticks = (now - then for now, then in zip(stolen(), before, strict=True))
    share = round(steal / max(all_ticks, 1), 4)
    drifts = [case["barrier_drift"] for case in figures["commits"].values()]
    document = {
        "schema": "bot.bench-ledger/1",
        "file_system": kind,
        "n": given.n,
        **figures,
        "steal_share": share,
        "void": max(drifts) > DRIFT_MAX or share > STEAL_MAX,
    }
    encoded = msgspec.json.encode(document)
    sys.stdout.write(f"{(encoded if given.json else msgspec.json.format(encoded)).decode()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
