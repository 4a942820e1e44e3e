"""Every point of every scenario: killed before each turn, and before each act on a file."""

import gc
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from typing import Any, Final, TextIO, final

from drills.pool import open_pool
from drills.progress import Progress
from drills.report import Report
from drills.world.points.point import Point
from drills.world.points.run import Ran, run_point
from drills.world.points.scenario import SCENARIOS

__all__ = ["Asked", "one_point", "points", "points_of"]

_BATCH: Final = 24  # points that a worker takes at once
_TOLD: Final = 5  # failures that are told in full
_SHOWN: Final = 25  # of the last events of a failing point


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for: which scenario, and which of its points or every how manyth."""

    scenario: str | None = None  # None for all
    point: Point | None = None  # None for all
    every: int = 1

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Name those asked for."""
        return tuple(SCENARIOS) if self.scenario is None else (self.scenario,)

    def points(self, whole: Ran) -> list[Point]:
        """Return the points asked for, of a scenario that was run to its end."""
        return points_of(whole, every=self.every) if self.point is None else [self.point]

    def command(self) -> str:
        """Return the command that asks for the same."""
        words = ["bot drill points"]
        if self.scenario is not None:
            words.append(f"--scenario {self.scenario}")
        if self.point is not None:
            words.append(self.point.words())
        if self.every > 1:
            words.append(f"--every {self.every}")
        return " ".join(words)


@final
@dataclass(frozen=True, slots=True)
class _Failure:
    scenario: str
    point: Point | None
    finding: tuple[str, str]
    last: tuple[str, ...]


@final
@dataclass(slots=True)
class _Tally:
    """What came of some points of one scenario."""

    scenario: str
    runs: int = 0
    cpu_s: float = 0.0
    disks: set[str] = field(default_factory=set)
    sometimes: Counter[str] = field(default_factory=Counter)
    failures: list[_Failure] = field(default_factory=list)

    def add(self, ran: Ran) -> None:
        outcome = ran.outcome
        self.runs += 1
        self.cpu_s += outcome.cpu_s
        self.disks.add(ran.disk)
        self.sometimes.update(outcome.sometimes)
        if outcome.finding is not None:
            self.failures.append(
                _Failure(ran.scenario, ran.point, outcome.finding, outcome.last[-_SHOWN:])
            )

    def take(self, other: "_Tally") -> None:
        self.runs += other.runs
        self.cpu_s += other.cpu_s
        self.disks |= other.disks
        self.sometimes += other.sometimes
        self.failures += other.failures


def points(asked: Asked, *, is_silent: bool = False, workers: int | None = None) -> Report:
    """Run each scenario once to its end, then once for each point of it."""
    began_s = time.monotonic()
    with open_pool(workers, warm=_warm) as pool:
        whole = dict(zip(asked.scenarios, pool.map(_whole, asked.scenarios), strict=True))
        batches = [batch for ran in whole.values() for batch in _batches(ran, asked)]
        tallies = {name: _Tally(name) for name in asked.scenarios}
        for name, ran in whole.items():
            tallies[name].add(ran)
        total = sum(len(batch) for _, batch in batches)
        progress = Progress("points", total=total, is_silent=is_silent)
        waiting = [pool.submit(_run_all, name, batch) for name, batch in batches]
        for done in as_completed(waiting):
            tally = done.result()
            tallies[tally.scenario].take(tally)
            progress.add(tally.runs)
    failures = [failure for tally in tallies.values() for failure in _in_order(tally.failures)]
    taken = [(name, point) for name, batch in batches for point in batch]
    acts = {(name, point.act) for name, point in taken if point.act is not None}
    return Report(
        drill="points",
        command=asked.command(),
        passed=not failures,
        figures={
            "scenarios": len(tallies),
            "step_points": sum(point.step is not None for _, point in taken),
            "file_points": len(acts),
            "images": sum(point.act is not None for _, point in taken),
            "disks_distinct": len({disk for tally in tallies.values() for disk in tally.disks}),
            "runs": sum(tally.runs for tally in tallies.values()),
            "violations": len(failures),
            "seconds": round(time.monotonic() - began_s, 1),
        },
        results=tuple(_row(whole[name], tally) for name, tally in tallies.items()),
        notes=(*_explained(failures), *_seen(tallies.values())),
    )


def one_point(name: str, point: Point | None, *, story: TextIO) -> Ran:
    """Run one point, or the scenario without a crash, and tell its story as it goes."""
    return run_point(name, point, story=story)


def points_of(whole: Ran, *, every: int = 1) -> list[Point]:
    """Return the points of a scenario that was surveyed to its end."""
    steps = [Point(step=step) for step in range(1, whole.steps + 1, every)]
    acts = range(1, whole.acts + 1, every)
    return [
        *steps,
        *(Point(act=act, image=image) for act in acts for image in whole.images[act - 1]),
    ]


def _batches(whole: Ran, asked: Asked) -> Iterator[tuple[str, list[Point]]]:
    found = asked.points(whole)
    for start in range(0, len(found), _BATCH):
        yield whole.scenario, found[start : start + _BATCH]


def _warm() -> None:
    """Set aside what stays for good: the collector runs before each of thousands of runs."""
    run_point(next(iter(SCENARIOS)), None)
    gc.collect()
    gc.freeze()


def _whole(name: str) -> Ran:
    return run_point(name, None, is_survey=True)


def _run_all(name: str, batch: Sequence[Point]) -> _Tally:
    tally = _Tally(name)
    for point in batch:
        tally.add(run_point(name, point))
    return tally


def _in_order(failures: Sequence[_Failure]) -> list[_Failure]:
    def place(failure: _Failure) -> tuple[int, int, int]:
        point = failure.point or Point()
        return point.step or 0, point.act or 0, point.image

    return sorted(failures, key=place)


def _row(whole: Ran, tally: _Tally) -> dict[str, Any]:
    return {
        "scenario": tally.scenario,
        "steps": whole.steps,
        "acts": whole.acts,
        "runs": tally.runs,
        "violations": len(tally.failures),
        "seconds": round(tally.cpu_s, 1),
    }


def _explained(failures: Sequence[_Failure]) -> Iterator[str]:
    """Say of failing points what was found, what led to it, and how to see it again."""
    for failure in failures[:_TOLD]:
        name, found = failure.finding
        yield f"{failure.scenario} {_words(failure)}: {name}: {found}"
        for line in failure.last:
            yield f"  {line}"
        yield f"  {_replay(failure)}"
    for failure in failures[_TOLD:]:
        yield f"{failure.finding[0]}: {_replay(failure)}"


def _replay(failure: _Failure) -> str:
    return f"bot drill points --scenario {failure.scenario} {_words(failure)} --trace"


def _words(failure: _Failure) -> str:
    return "" if failure.point is None else failure.point.words()


def _seen(tallies: Iterable[_Tally]) -> Iterator[str]:
    """Report how often what should happen now and then did."""
    total: Counter[str] = Counter()
    for tally in tallies:
        total.update(tally.sometimes)
    for name, count in sorted(total.items()):
        yield f"sometimes {name}: {count} times"
