"""How many orders, and how fast [C-115]: 5 a second, 60 a minute, 2000 a day, 200 opens."""

import pytest

from bot.domain.ids import InstrumentName
from bot.domain.reason import Reason
from bot.domain.recent import Recent
from bot.domain.side import Side
from bot.gates.rate import check
from tests.bot.gates.world import NOW_MS, OPEN, facts, reason_of

ELSEWHERE = InstrumentName("BTC-1JAN27-1-C")  # this limit counts every instrument


@pytest.mark.rule("C-115")
@pytest.mark.parametrize(
    ("ages_ms", "expected"),
    [
        ((), None),
        ((0, 1, 2, 3), None),
        ((0, 1, 2, 3, 999), Reason.ORDER_RATE),
        ((0, 1, 2, 3, 1000), None),  # a second ago no longer counts
        (tuple(range(1000, 60_000, 1000)), None),  # 59 of them
        ((*range(1000, 60_000, 1000), 59_999), Reason.ORDER_RATE),
        ((*range(1000, 60_000, 1000), 60_000), None),  # a minute ago no longer counts
    ],
)
def test_a_second_and_a_minute_have_their_number(
    ages_ms: tuple[int, ...], expected: Reason | None
) -> None:
    seen = facts(recent=tuple(Recent(NOW_MS - age, ELSEWHERE, Side.BUY) for age in ages_ms))
    assert reason_of(check, OPEN, seen) is expected


@pytest.mark.rule("C-115")
@pytest.mark.parametrize(
    ("fact", "count", "expected"),
    [
        ("day_orders", 1_999, None),
        ("day_orders", 2_000, Reason.ORDER_RATE),
        ("day_opens", 199, None),
        ("day_opens", 200, Reason.OPENS_DAY),
        ("cooling_until_ms", NOW_MS, None),
        ("cooling_until_ms", NOW_MS + 1, Reason.VENUE_REFUSED_LATELY),
    ],
)
def test_a_day_has_its_number_and_a_refusal_its_pause(
    fact: str, count: int, expected: Reason | None
) -> None:
    assert reason_of(check, OPEN, facts(**{fact: count})) is expected
