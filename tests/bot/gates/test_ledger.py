"""Without a ledger nothing is opened [C-201, C-212]."""

import pytest

from bot.domain.reason import Reason
from bot.gates.ledger import check
from tests.bot.gates.world import OPEN, facts, reason_of


@pytest.mark.rule("C-212")
@pytest.mark.parametrize(
    ("failure", "expected"), [(None, None), ("disk full", Reason.LEDGER_UNWRITABLE)]
)
def test_a_failed_commit_ends_opens(failure: str | None, expected: Reason | None) -> None:
    assert reason_of(check, OPEN, facts(ledger_failure=failure)) is expected
