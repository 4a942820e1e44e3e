"""`bot drill explore`: the states of the real core, as far as a few disturbances lead [C-309]."""

from typing import Any, Final

from drills.explore.alphabet import ALPHABET
from drills.explore.search import Explored, explore
from drills.explore.supremacy import Exit
from drills.progress import Progress
from drills.report import Report

__all__ = ["DEPTH", "report_on"]

# With one disturbance paths beyond the ladder's end, with two as far as four minutes allow.
DEPTH: Final = 20
_PAIR_DEPTH: Final = 5


def report_on(*, depth: int = DEPTH, is_silent: bool = False) -> Report:
    """Explore twice: every path of so many events with one disturbance, shorter ones with two."""
    progress = Progress("explore", total=2, is_silent=is_silent)
    rows = []
    for count, events in ((1, depth), (2, min(depth, _PAIR_DEPTH))):
        rows.append((count, explore(depth=events, disturbances=count)))
        progress.add()
    findings = {f.what: f for _, explored in rows for f in explored.findings.values()}
    return Report(
        drill="explore",
        command=f"bot drill explore --depth {depth}",
        passed=not findings,
        figures={
            "events": len(ALPHABET),
            "states": sum(explored.states for _, explored in rows),
            "exposed": sum(explored.exposed for _, explored in rows),
            "transitions": sum(explored.transitions for _, explored in rows),
            "depth": max(explored.depth for _, explored in rows),
            "findings": len(findings),
            "seconds": round(sum(explored.seconds for _, explored in rows), 1),
        },
        results=tuple(_row(count, explored) for count, explored in rows),
        notes=tuple(f"{f.what}: {' > '.join(f.path)}" for f in findings.values()),
    )


def _row(disturbances: int, explored: Explored) -> dict[str, Any]:
    return {
        "disturbances": disturbances,
        "states": explored.states,
        "exposed": explored.exposed,
        "transitions": explored.transitions,
        "depth": explored.depth,
        "fixed_point": explored.is_whole,
        **{mode: explored.modes[mode] for mode in sorted(explored.modes)},
        **{found.name.lower(): explored.exits[found] for found in Exit},
    }
