"""The OpenPermissionLatch [C-303]."""

import pytest

from bot.domain.reason import Reason
from bot.gates.latch import check
from tests.bot.gates.world import OPEN, POLICY, facts, reason_of


@pytest.mark.rule("C-303")
def test_an_open_passes_only_when_no_proof_is_missing() -> None:
    assert reason_of(check, OPEN, facts(latch_missing=())) is None


@pytest.mark.rule("C-303")
def test_one_missing_proof_refuses_and_every_missing_one_is_named() -> None:
    answer = check(OPEN, facts(latch_missing=("reconciled", "clock")), POLICY)
    assert answer is not None
    assert answer.reason is Reason.LATCH_SHUT
    assert answer.was == "missing reconciled, clock"
