"""`bot drill reduce-only`: every attempt becomes what it must, and a wrong one is told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.side import Side
from drills.faults.expectation import TakesExit
from drills.faults.stage import run_drill
from drills.reduce_only.attempts import ATTEMPTS
from drills.reduce_only.report import reduce_only

# By the venue's own log (what it took) and the ledger's refusals, in the order of the attempts.
BECAME = {
    "open-from-flat": (["MODE"], []),
    "exit-from-flat": (["NOTHING_TO_EXIT"], []),
    "add": (["MODE"], []),
    "add-as-exit": (["NOTHING_TO_EXIT"], []),
    "flip": (["MODE"], []),
    "oversized-close": ([], ["sell 100 reduce-only"]),
    "close-twice": (["NOTHING_TO_EXIT"], ["sell 100 reduce-only"]),
    "close": ([], ["sell 100 reduce-only"]),
    "reduce": ([], ["sell 50 reduce-only"]),
    "kill-silences": ([], []),
    "kill-cancels": ([], []),
}


@pytest.mark.rule("C-002")
@pytest.mark.rule("C-108")
def test_nothing_opens_or_flips_and_exits_go() -> None:
    report = reduce_only(is_silent=True)
    assert report.passed, report.lines()
    assert report.figures == {"attempts": 11, "failed": 0, "refused": 6, "taken": 4}
    became = {row["attempt"]: (row["refused"], row["taken"]) for row in report.results}
    assert became == BECAME


def test_an_attempt_that_becomes_something_else_is_told() -> None:
    attempt = replace(ATTEMPTS["reduce"], expects=(TakesExit(Side.SELL, Decimal(100)),))
    (failed,) = run_drill("reduce", attempt, seed=7).failed
    assert failed.endswith("the venue took sell 50 reduce-only")
