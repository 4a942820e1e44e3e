"""Without a good clock `valid_until` is no fence [C-208, C-507]."""

import pytest

from bot.domain.reason import Reason
from bot.gates.clock import check
from tests.bot.gates.world import OPEN, facts, reason_of


@pytest.mark.rule("C-507")
@pytest.mark.parametrize(("good", "expected"), [(True, None), (False, Reason.CLOCK_UNPROVEN)])
def test_an_unproven_clock_refuses(good: bool, expected: Reason | None) -> None:
    assert reason_of(check, OPEN, facts(is_clock_good=good)) is expected
