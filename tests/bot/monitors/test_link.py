"""Without a session nothing is known [C-508]."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.link import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-508")
@pytest.mark.parametrize(
    ("is_up", "epoch", "expected"),
    [
        (True, 1, None),
        (False, 0, Reason.STARTING),
        (False, 1, Reason.RECONNECTING),
        (False, 7, Reason.RECONNECTING),
    ],
)
def test_before_the_first_session_it_is_the_start_and_then_a_loss(
    is_up: bool, epoch: int, expected: Reason | None
) -> None:
    assert reason_of(check, sight(is_up=is_up, epoch=epoch)) is expected
