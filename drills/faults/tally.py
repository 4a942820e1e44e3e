"""Carry fault drills out one beside the other, and report on all of them."""

import shlex
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from typing import Any, Final, final

from drills.faults.always import duplicates
from drills.faults.catalogue import DRILLS
from drills.faults.seen import Moment
from drills.faults.stage import Ran, run_drill
from drills.pool import open_pool
from drills.progress import Progress
from drills.report import Report

__all__ = ["SEED", "SHORT", "Told", "fault_drills", "tell"]

SEED: Final = 7
# One of each kind, for a machine that has other things to do.
SHORT: Final = (
    "request-cut",
    "book-stuck",
    "check-raises-once",
    "group-leg-refused",
    "clamped",
    "killed-before-send",
    "disk-full",
    "owner-kills",
)
_TRACED_MAX: Final = 3  # drills of which everything is told to people
_LAST: Final = 25  # events of a run that broke off
_WORDS: Final = ("fault", "cause", "mode", "latch", "group", "engine", "owner")


@final
@dataclass(frozen=True, slots=True)
class Told:
    """What a worker says of one drill: its row, and what people read of it."""

    name: str
    row: dict[str, Any]
    is_failed: bool
    trace: tuple[str, ...]


def fault_drills(
    names: Sequence[str], *, seed: int, is_silent: bool = False, workers: int | None = None
) -> Report:
    """Carry out these drills; one that fails names the expectation that does not hold."""
    progress = Progress("drills", total=len(names), is_silent=is_silent)
    found: dict[str, Told] = {}
    with open_pool(workers) as pool:
        waiting = [pool.submit(tell, name, seed) for name in names]
        for done in as_completed(waiting):
            told = done.result()
            found[told.name] = told
            progress.add()
    ordered = [found[name] for name in names]
    return Report(
        drill="faults",
        command=f"bot drill faults {_asked(names)} --seed {seed}",
        passed=not any(told.is_failed for told in ordered),
        figures={
            "drills": len(ordered),
            "failed": sum(told.is_failed for told in ordered),
            "time_to_safe_ms_max": max(
                (told.row["time_to_safe_ms"] or 0 for told in ordered), default=0
            ),
            "duplicates": sum(told.row["duplicates"] for told in ordered),
            "opens_sent_while_forbidden": sum(
                told.row["containment"].get("opens_sent", 0) for told in ordered
            ),
            "seed": seed,
        },
        results=tuple(told.row for told in ordered),
        told=tuple(_lines(ordered, seed=seed)),
    )


def tell(name: str, seed: int) -> Told:
    """Carry one drill out and say what came of it."""
    ran = run_drill(name, DRILLS[name], seed=seed)
    trace = () if ran.seen is None else tuple(_word(moment) for moment in ran.seen.moments)
    broken = ran.outcome.last[-_LAST:] if ran.seen is None else ()
    return Told(name, _row(ran), bool(ran.failed), (*trace, *broken))


def _row(ran: Ran) -> dict[str, Any]:
    drill, seen = ran.drill, ran.seen
    row: dict[str, Any] = {
        "drill": ran.name,
        "verdict": "failed" if ran.failed else "passed",
        "failed": list(ran.failed),
        "says": drill.says,
        "source": drill.source,
        "injected": dict(ran.outcome.injected),
        "back": drill.back.value,
        "safe_ms_max": drill.safe_ms_max,
        "time_to_safe_ms": None,
        "duplicates": 0,
        "fills": None,
        "containment": {},
        "ended": {},
        "trace": [],
        "expects": [str(expected) for expected in drill.expects],
        "trace_hash": ran.outcome.trace_hash,
    }
    if seen is not None:
        mode = seen.ended.mode
        row |= {
            "time_to_safe_ms": seen.time_to_safe_ms,
            "duplicates": len(duplicates(seen)),
            "fills": seen.fills,
            "containment": seen.containment,
            "ended": {
                "mode": None if mode is None else mode.value,
                "latch": "open" if seen.ended.is_open else "shut",
                "causes": list(seen.ended.causes),
            },
            "trace": [moment.row() for moment in seen.moments if moment.what in _WORDS],
        }
    return row


def _word(moment: Moment) -> str:
    because = f"  {'; '.join(moment.because)}" if moment.because else ""
    return f"{moment.at_ms:>9} ms  {moment.what:<6}  {moment.now}{because}"


def _lines(found: Sequence[Told], *, seed: int) -> Iterator[str]:
    """Yield a line for each drill, and the whole story of those that failed or of a few."""
    width = max((len(told.name) for told in found), default=0)
    for told in found:
        safe_ms = told.row["time_to_safe_ms"]
        safe = "-" if safe_ms is None else f"{safe_ms} ms"
        yield f"{told.row['verdict']}  {told.name:<{width}}  {safe:>10}  {told.row['says']}"
        for failure in told.row["failed"]:
            yield f"        {failure}"
        if told.is_failed or len(found) <= _TRACED_MAX:
            yield from told.trace
        if told.is_failed:
            yield f"        bot drill faults {told.name} --seed {seed}"


def _asked(names: Sequence[str]) -> str:
    return "--all" if tuple(names) == tuple(DRILLS) else shlex.join(names)
