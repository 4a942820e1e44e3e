"""The mode decides first [C-002]."""

import pytest

from bot.domain.mode import Mode
from bot.domain.reason import Reason
from bot.gates.mode import check
from tests.bot.gates.world import facts, intent, reason_of


@pytest.mark.rule("C-002")
@pytest.mark.parametrize(
    ("mode", "role", "expected"),
    [
        (Mode.ACTIVE, "OPEN", None),
        (Mode.REDUCE_ONLY, "OPEN", Reason.MODE),
        (Mode.KILL, "OPEN", Reason.MODE),
        (Mode.REDUCE_ONLY, "HEDGE", None),
        (Mode.REDUCE_ONLY, "REDUCE", None),
        (Mode.KILL, "CLOSE", None),
    ],
)
def test_opens_need_active_and_exits_need_nothing(
    mode: Mode, role: str, expected: Reason | None
) -> None:
    assert reason_of(check, intent(role=role), facts(mode=mode)) is expected
