"""The venue's own net under a connection [C-505] (PROTOCOL §14)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.protection import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-505")
@pytest.mark.parametrize(
    ("is_up", "is_protected", "expected"),
    [
        (True, True, None),
        (True, False, Reason.UNPROTECTED),
        (False, False, None),  # the link's own proof stands against opens
    ],
)
def test_a_connection_without_the_venues_word_opens_nothing(
    is_up: bool, is_protected: bool, expected: Reason | None
) -> None:
    assert reason_of(check, sight(is_up=is_up, is_protected=is_protected)) is expected
