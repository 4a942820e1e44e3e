"""An index that moves by more than 5 % in a second (DOMAIN §8.2, drill 27)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.index_jump import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("jump", "expected"), [(0.0, None), (0.05, None), (0.0501, Reason.INDEX_JUMP)]
)
def test_a_jump_above_five_percent_shuts_opens(jump: float, expected: Reason | None) -> None:
    assert reason_of(check, sight(index_jump=jump)) is expected
