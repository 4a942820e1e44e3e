"""A queue that was more than half full shuts opens (DOMAIN §8.2, drill 23) [C-704]."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.observed import Queue
from bot.monitors.queues import check
from tests.bot.monitors.quiet import POLICY, queues, reason_of, sight


@pytest.mark.rule("C-704")
@pytest.mark.parametrize(
    ("high", "expected"), [(0, None), (2_048, None), (2_049, Reason.QUEUE_PRESSURE)]
)
def test_more_than_half_of_the_room_shuts_opens(high: int, expected: Reason | None) -> None:
    assert reason_of(check, queues(Queue(name="inbox", high=high, bound=4_096))) is expected


@pytest.mark.rule("C-704")
def test_each_queue_that_is_long_is_named() -> None:
    calm, long = Queue(name="inbox", high=1, bound=10), Queue(name="ledger", high=9, bound=10)
    cause = check(queues(calm, long), POLICY)
    assert cause is not None
    assert cause.detail == "ledger 9 of 10"
    assert reason_of(check, sight(observed=None)) is None
