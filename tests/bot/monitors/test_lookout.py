"""A look-out that has fallen silent for a minute counts as failed [C-606]."""

from dataclasses import replace

import pytest

from bot.domain.reason import Reason
from bot.monitors.lookout import check
from bot.monitors.observed import Observation
from tests.bot.monitors.quiet import LINE, machine, reason_of, sight


@pytest.mark.rule("C-606")
@pytest.mark.parametrize(
    ("told_ms", "looked_ms", "expected"),
    [
        (0, 0, None),
        (60_000, 0, None),
        (0, 60_000, None),
        (60_001, 0, Reason.MONITOR_FAILED),
        (0, 60_001, Reason.MONITOR_FAILED),
        (30_000, 30_001, Reason.MONITOR_FAILED),
    ],
)
def test_figures_that_nobody_renews_are_none(
    told_ms: int, looked_ms: int, expected: Reason | None
) -> None:
    seen = replace(machine(age_ms=looked_ms), observed_age_ms=told_ms)
    assert reason_of(check, seen) is expected


@pytest.mark.rule("C-606")
def test_before_the_first_look_it_is_the_start() -> None:
    assert reason_of(check, sight(observed=None)) is Reason.STARTING
    half = Observation(line=LINE, machine=None, queues=())
    assert reason_of(check, sight(observed=half)) is Reason.STARTING
