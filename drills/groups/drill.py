"""Every (leg, outcome) combination of groups of two, three and four legs [C-401, C-402]."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Final, final

from bot.domain.money import plain
from drills.groups.case import Case, run_case
from drills.groups.judge import SIDES
from drills.groups.venue import Fate
from drills.pool import open_pool
from drills.progress import Progress
from drills.report import Report

__all__ = ["cases", "groups"]

_BATCH: Final = 40
_TOLD: Final = 20
_RESCUES: Final = (Fate.WHOLE, Fate.PART, Fate.NOTHING)
_EXITS: Final = (Fate.WHOLE, Fate.NOTHING)


@final
@dataclass(slots=True)
class _Tally:
    runs: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    rescues_max: int = 0
    naked_ms: list[int] = field(default_factory=list)
    took_ms_max: int = 0
    failures: list[str] = field(default_factory=list)

    def take(self, other: "_Tally") -> None:
        self.runs += other.runs
        self.stages += other.stages
        self.rescues_max = max(self.rescues_max, other.rescues_max)
        self.naked_ms += other.naked_ms
        self.took_ms_max = max(self.took_ms_max, other.took_ms_max)
        self.failures += other.failures


def cases(legs: int) -> Iterator[Case]:
    """Return every case of so many legs; those of two also under KILL and with restarts."""
    for fates in product(Fate, repeat=legs):
        for rescues, exits in product(_RESCUES, _EXITS):
            yield Case(fates, rescues=rescues, exits=exits)
    if legs > min(SIDES):
        return
    for fates in product(Fate, repeat=legs):
        for rescues, exits in product(_RESCUES, _EXITS):
            yield Case(fates, rescues=rescues, exits=exits, restarts=True)
            yield Case(fates, rescues=rescues, exits=exits, hedges=Fate.NOTHING)
            for killed_after in (1, 2, 3):
                yield Case(fates, rescues=rescues, exits=exits, killed_after=killed_after)


def groups(*, is_silent: bool = False, workers: int | None = None) -> Report:
    """Run them all."""
    began_s = time.monotonic()
    every = {legs: list(cases(legs)) for legs in SIDES}
    progress = Progress("groups", total=sum(map(len, every.values())), is_silent=is_silent)
    tallies = {legs: _Tally() for legs in every}
    with open_pool(workers) as pool:
        waiting = {
            pool.submit(_run_all, batch): legs
            for legs, listed in every.items()
            for batch in _batches(listed)
        }
        for done in as_completed(waiting):
            tally = done.result()
            tallies[waiting[done]].take(tally)
            progress.add(tally.runs)
    naked = sorted(ms for tally in tallies.values() for ms in tally.naked_ms if ms > 0)
    failures = [line for tally in tallies.values() for line in sorted(tally.failures)]
    return Report(
        drill="groups",
        command="bot drill groups",
        passed=not failures,
        figures={
            "cases": sum(tally.runs for tally in tallies.values()),
            "failed": len(failures),
            "rescues_max": max(tally.rescues_max for tally in tallies.values()),
            "naked_ms_median": naked[len(naked) // 2] if naked else 0,
            "naked_ms_p99": naked[len(naked) * 99 // 100] if naked else 0,
            "naked_ms_max": naked[-1] if naked else 0,
            "to_the_end_ms_max": max(tally.took_ms_max for tally in tallies.values()),
            "seconds": round(time.monotonic() - began_s, 1),
        },
        results=tuple(
            {"legs": legs, "cases": tally.runs, **dict(sorted(tally.stages.items()))}
            for legs, tally in tallies.items()
        ),
        notes=tuple(failures[:_TOLD]),
    )


def _batches(listed: Sequence[Case]) -> Iterator[list[Case]]:
    rest = iter(listed)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _run_all(batch: Sequence[Case]) -> _Tally:
    tally = _Tally()
    for case in batch:
        ran = run_case(case)
        tally.runs += 1
        if ran.group is not None:
            tally.stages[ran.group.stage.value] += 1
            tally.rescues_max = max(tally.rescues_max, ran.group.rescues)
            tally.naked_ms.append(ran.group.naked_ms)
        tally.took_ms_max = max(tally.took_ms_max, ran.took_ms)
        if ran.broken:
            held = {n: plain(size) for n, size in ran.venue.positions.items()}
            tally.failures.append(f"{case.words()}: {'; '.join(dict.fromkeys(ran.broken))} {held}")
    return tally
