"""A mark that stands for 5 s while the index moves (DOMAIN §8.1, stuck_mark)."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.mark import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-709")
@pytest.mark.parametrize(
    ("stands_ms", "left_by", "expected"),
    [
        (0, 0.0, None),
        (5_000, 0.03, None),
        (5_001, 0.03, Reason.MARK_STALE),
        (5_001, 0.002, None),
        (5_001, 0.0021, Reason.MARK_STALE),
        (900_000, 0.0, None),  # in a market that stands a mark may stand
    ],
)
def test_a_mark_that_the_index_has_left_behind_shuts_opens(
    stands_ms: int, left_by: float, expected: Reason | None
) -> None:
    seen = sight(mark_stands_ms=stands_ms, mark_left_by=left_by)
    assert reason_of(check, seen) is expected
