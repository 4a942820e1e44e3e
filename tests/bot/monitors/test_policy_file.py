"""The policy that runs is the one that a start would read [C-003]."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.policy_file import check
from tests.bot.monitors.quiet import machine, reason_of, sight


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("found", "expected"),
    [("p" * 64, None), ("q" * 64, Reason.POLICY_CHANGED), (None, Reason.POLICY_CHANGED)],
)
def test_a_file_that_was_edited_shuts_opens(found: str | None, expected: Reason | None) -> None:
    assert reason_of(check, machine(policy_hash=found)) is expected


@pytest.mark.rule("C-003")
def test_that_nobody_has_looked_is_another_cause() -> None:
    assert reason_of(check, sight(observed=None)) is None
