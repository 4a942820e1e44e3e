"""Many seeds of the world over the cores, and one document of what came of them."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from functools import partial
from typing import Any, Final

from drills.pool import open_pool
from drills.progress import Progress
from drills.report import Report
from drills.world.fault import all_faults
from drills.world.run import Outcome, run_seed
from drills.world.shrink import smallest
from drills.world.weather import Profile, Weather, draw_weather

__all__ = ["Asked", "one_seed", "storm"]

_SEEDS_FOR_ALL: Final = 150
_SHOWN: Final = 25  # of the last events of a failing seed


class Asked:
    """What a storm was asked for; `faults` None leaves each seed the ones that it draws."""

    def __init__(
        self,
        seeds: Sequence[int],
        *,
        hours: float,
        profile: Profile | None = None,
        faults: tuple[str, ...] | None = None,
    ) -> None:
        """Take it."""
        self.seeds, self.hours, self.profile, self.faults = seeds, hours, profile, faults

    def weather(self, seed: int) -> Weather:
        """Return a seed's weather as asked for."""
        weather = draw_weather(seed, hours=self.hours, profile=self.profile)
        return weather if self.faults is None else weather.only(self.faults)

    def replay(self, seed: int, *, faults: tuple[str, ...] | None) -> str:
        """Return the one command that runs a seed again and tells its story."""
        words = [f"bot drill storm --seed {seed} --hours {self.hours:g}"]
        if self.profile is not None:
            words.append(f"--profile {self.profile.value}")
        if faults is not None:
            words.append(f"--faults {','.join(faults) or 'none'}")
        return " ".join([*words, "--trace"])


def storm(asked: Asked, *, is_silent: bool = False, workers: int | None = None) -> Report:
    """Run every seed; what fails is shrunk to the faults that matter."""
    outcomes: list[Outcome] = []
    progress = Progress("storm", total=len(asked.seeds), is_silent=is_silent)
    with open_pool(workers) as pool:
        waiting = [pool.submit(run_seed, asked.weather(seed)) for seed in asked.seeds]
        for done in as_completed(waiting):
            outcomes.append(done.result())
            progress.add()
            _cry(outcomes[-1], asked, is_silent=is_silent)
        outcomes.sort(key=lambda outcome: outcome.weather.seed)
        failed = [outcome for outcome in outcomes if outcome.finding is not None]
        told = [pool.submit(partial(_explain, asked), outcome) for outcome in failed[:5]]
        notes = [line for story in told for line in story.result()]
    return Report(
        drill="storm",
        command=_command(asked),
        passed=not failed and not _missing(outcomes, asked),
        figures=_figures(outcomes),
        results=tuple(_row(outcome) for outcome in outcomes),
        notes=(*notes, *_never(outcomes, asked)),
    )


def _cry(outcome: Outcome, asked: Asked, *, is_silent: bool) -> None:
    """Tell of a finding at once: making it small takes minutes."""
    if outcome.finding is not None and not is_silent:
        seed = outcome.weather.seed
        sys.stderr.write(
            f"\nseed {seed}: {': '.join(outcome.finding)}\n  {asked.replay(seed, faults=None)}\n"
        )


def one_seed(asked: Asked, seed: int, *, story: Any) -> Outcome:
    """Run one seed and tell its story as it goes."""
    return run_seed(asked.weather(seed), story=story)


def _explain(asked: Asked, outcome: Outcome) -> list[str]:
    """Say of a failing seed what matters: smallest faults, last events, how to see it again."""
    weather, finding = outcome.weather, outcome.finding
    name = finding[0] if finding is not None else ""

    def fails(faults: tuple[str, ...]) -> bool:
        found = run_seed(weather.only(faults)).finding
        return found is not None and found[0] == name

    faults = smallest(sorted(weather.rates), fails=fails)
    return [
        f"seed {weather.seed}: {name}: {finding[1] if finding else ''}",
        f"  smallest faults: {', '.join(faults) or 'none'}",
        *(f"  {line}" for line in outcome.last[-_SHOWN:]),
        f"  {asked.replay(weather.seed, faults=faults)}",
    ]


def _missing(outcomes: Sequence[Outcome], asked: Asked) -> list[str]:
    """Name the faults that never happened, once there were seeds enough for all to happen."""
    if len(outcomes) < _SEEDS_FOR_ALL or asked.faults is not None:
        return []
    injected = _injected(outcomes)
    return [name for name in sorted(all_faults()) if not injected[name]]


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    injected = _injected(outcomes)
    simulated = sum(outcome.simulated_s for outcome in outcomes)
    return {
        "seeds": len(outcomes),
        "simulated_hours": round(simulated / 3_600, 1),
        "violations": sum(outcome.finding is not None for outcome in outcomes),
        "faults_injected": sum(injected.values()),
        "fault_kinds": len(injected),
        "fault_kinds_of": len(all_faults()),
        "fault_kind_least": min((injected[name] for name in all_faults()), default=0),
        "crashes": sum(outcome.crashes for outcome in outcomes),
        "steps": sum(outcome.steps for outcome in outcomes),
        "wire_seeds": sum(outcome.weather.profile is Profile.WIRE for outcome in outcomes),
        "speedup": _speedup(outcomes),
        "speedup_storm": _speedup(_of(outcomes, Profile.STORM)),
        "speedup_wire": _speedup(_of(outcomes, Profile.WIRE)),
    }


def _of(outcomes: Sequence[Outcome], profile: Profile) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.weather.profile is profile]


def _speedup(outcomes: Sequence[Outcome]) -> float:
    """How many times faster than real time, on one core."""
    spent = sum(outcome.cpu_s for outcome in outcomes)
    return round(sum(outcome.simulated_s for outcome in outcomes) / spent, 1) if spent else 0.0


def _row(outcome: Outcome) -> dict[str, Any]:
    weather = outcome.weather
    return {
        "seed": weather.seed,
        "trace_hash": outcome.trace_hash,
        "violations": 0 if outcome.finding is None else 1,
        "profile": weather.profile.value,
        "mood": weather.mood.value,
        "regime": weather.regime,
        "strategy": weather.strategy,
        "crashes": outcome.crashes,
        "orders": outcome.sometimes.get("venue new", 0),
        "fills": outcome.sometimes.get("venue fill", 0),
        "speedup": _speedup([outcome]),
        "finding": "" if outcome.finding is None else ": ".join(outcome.finding),
    }


def _injected(outcomes: Sequence[Outcome]) -> Counter[str]:
    total: Counter[str] = Counter()
    for outcome in outcomes:
        total.update(outcome.injected)
    return total


def _never(outcomes: Sequence[Outcome], asked: Asked) -> Iterator[str]:
    """Report what is rare, and what has never happened: it was not tested."""
    injected = _injected(outcomes)
    wanted = all_faults() if asked.faults is None else asked.faults
    for name in sorted(wanted):
        yield f"fault {name}: {injected[name]} times{'  NEVER' if not injected[name] else ''}"
    sometimes: Counter[str] = Counter()
    for outcome in outcomes:
        sometimes.update(outcome.sometimes)
    for name, count in sorted(sometimes.items()):
        yield f"sometimes {name}: {count} times"


def _command(asked: Asked) -> str:
    first, last = min(asked.seeds), max(asked.seeds)
    words = [f"bot drill storm --seeds {first}..{last} --hours {asked.hours:g}"]
    if asked.profile is not None:
        words.append(f"--profile {asked.profile.value}")
    if asked.faults is not None:
        words.append(f"--faults {','.join(asked.faults) or 'none'}")
    return " ".join(words)
