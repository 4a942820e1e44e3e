"""What the kernel says of its clock counts in PAPER and LIVE [C-005, C-507]."""

from dataclasses import replace

import pytest

from bot.domain.mode import Environment
from bot.domain.reason import Reason
from bot.monitors.kernel_clock import check
from bot.monitors.observed import KernelClock
from tests.bot.monitors.quiet import machine, reason_of, sight

BAD = Reason.CLOCK_UNSYNCED


@pytest.mark.rule("C-507")
@pytest.mark.parametrize("environment", [Environment.PAPER, Environment.LIVE])
@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (KernelClock(is_synced=True, error_ms=500), None),
        (KernelClock(is_synced=True, error_ms=501), BAD),
        (KernelClock(is_synced=False, error_ms=0), BAD),
        (None, BAD),  # silence is no proof
    ],
)
def test_where_money_is_at_stake_the_kernel_must_say_so(
    environment: Environment, clock: KernelClock | None, expected: Reason | None
) -> None:
    seen = replace(machine(kernel_clock=clock), environment=environment)
    assert reason_of(check, seen) is expected


@pytest.mark.rule("C-507")
@pytest.mark.parametrize("environment", [Environment.DEV, Environment.STAGING])
def test_elsewhere_it_does_not_count(environment: Environment) -> None:
    assert reason_of(check, replace(machine(kernel_clock=None), environment=environment)) is None


@pytest.mark.rule("C-507")
def test_that_nobody_has_looked_is_another_cause() -> None:
    assert reason_of(check, sight(observed=None, environment=Environment.LIVE)) is None
