"""An order of unknown fate may not stay so for long [C-205]: 15 s by the policy."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.unknown import check
from tests.bot.monitors.quiet import POLICY, reason_of, sight


@pytest.mark.rule("C-205")
@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        ((), None),
        ((("a", 15_000),), None),
        ((("a", 15_001),), Reason.UNKNOWN_ORDER),
        ((("a", 0), ("b", 15_001)), Reason.UNKNOWN_ORDER),
    ],
)
def test_past_its_deadline_an_unknown_order_shuts_opens(
    unknown: tuple[tuple[str, int], ...], expected: Reason | None
) -> None:
    assert reason_of(check, sight(unknown=unknown)) is expected


@pytest.mark.rule("C-205")
def test_only_the_overdue_ones_are_named() -> None:
    cause = check(sight(unknown=(("a", 0), ("b", 20_000), ("c", 20_000))), POLICY)
    assert cause is not None
    assert cause.detail == "b, c"
