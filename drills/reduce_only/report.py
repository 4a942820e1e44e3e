"""Try everything, and report on each attempt by the venue's own log and the ledger's refusals."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from drills.faults.stage import Ran, run_drill
from drills.progress import Progress
from drills.reduce_only.attempts import ATTEMPTS
from drills.report import Report

__all__ = ["reduce_only"]

_SEED: Final = 7


def reduce_only(*, is_silent: bool = False) -> Report:
    """Carry every attempt out; one of which something else became names what did."""
    progress = Progress("attempts", total=len(ATTEMPTS), is_silent=is_silent)
    found: list[Ran] = []
    for name, attempt in ATTEMPTS.items():
        found.append(run_drill(name, attempt, seed=_SEED))
        progress.add()
    rows = tuple(_row(ran) for ran in found)
    return Report(
        drill="reduce-only",
        command="bot drill reduce-only",
        passed=not any(ran.failed for ran in found),
        figures={
            "attempts": len(found),
            "failed": sum(bool(ran.failed) for ran in found),
            "refused": sum(bool(row["refused"]) for row in rows),
            "taken": sum(bool(row["taken"]) for row in rows),
        },
        results=rows,
        told=tuple(_lines(rows)),
    )


def _row(ran: Ran) -> dict[str, Any]:
    seen = ran.seen
    refused: list[str] = [] if seen is None else sorted(seen.refused)
    taken: list[str] = [] if seen is None else seen.taken_since_barred
    return {
        "attempt": ran.name,
        "verdict": "failed" if ran.failed else "passed",
        "failed": list(ran.failed),
        "says": ran.drill.says,
        "mode": "" if seen is None or seen.ended.mode is None else seen.ended.mode.value,
        "refused": refused,
        "taken": taken,
        "trace_hash": ran.outcome.trace_hash,
    }


def _lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    width = max((len(row["attempt"]) for row in rows), default=0)
    for row in rows:
        became = ", ".join(
            (
                *(f"refused {code}" for code in row["refused"]),
                *(f"taken {order}" for order in row["taken"]),
            )
        )
        mode = row["mode"] or "-"
        yield f"{row['verdict']}  {mode:<11}  {row['attempt']:<{width}}  {became or 'nothing sent'}"
        for failure in row["failed"]:
            yield f"        {failure}"
