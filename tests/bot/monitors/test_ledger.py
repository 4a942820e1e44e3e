"""A ledger that cannot be written ends everything but exits [C-212]."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.ledger import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-212")
@pytest.mark.parametrize(
    ("failure", "expected"), [(None, None), ("disk full", Reason.LEDGER_UNWRITABLE)]
)
def test_a_failed_commit_is_a_cause(failure: str | None, expected: Reason | None) -> None:
    assert reason_of(check, sight(ledger_failure=failure)) is expected
