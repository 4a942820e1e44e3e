"""A price far from fair value (DOMAIN §7.1): beyond 3 ticks and 10 % of the mark."""

import pytest

from bot.domain.reason import Reason
from bot.gates.mark_distance import check
from tests.bot.gates.world import facts, intent, perpetual_facts, reason_of, ticker


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("mark", "price", "expected"),
    [
        ("0.0140", "0.0155", None),  # 3 ticks of 0.0005, more than a tenth
        ("0.0140", "0.0125", None),
        ("0.0140", "0.0160", Reason.MARK_DISTANCE),
        ("0.0140", "0.0120", Reason.MARK_DISTANCE),
        ("0.0400", "0.0440", None),  # a tenth, more than 3 ticks
        ("0.0400", "0.0445", Reason.MARK_DISTANCE),
        ("0.0400", "0.0355", Reason.MARK_DISTANCE),
        ("0", "0.0003", Reason.MARK_DISTANCE),
    ],
)
def test_the_wider_of_ticks_and_ratio_counts_for_options(
    mark: str, price: str, expected: Reason | None
) -> None:
    assert reason_of(check, intent(price=price), facts(ticker=ticker(mark=mark))) is expected


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("60018", None),  # 3 bp
        ("59982", None),
        ("60018.5", Reason.MARK_DISTANCE),
        ("59981.5", Reason.MARK_DISTANCE),
    ],
)
def test_a_perpetual_may_stray_by_its_own_spread_limit_only(
    price: str, expected: Reason | None
) -> None:
    assert reason_of(check, intent(price=price), perpetual_facts()) is expected


@pytest.mark.rule("C-003")
def test_without_a_mark_nothing_is_opened() -> None:
    assert reason_of(check, intent(), facts(ticker=None)) is Reason.MARK_DISTANCE
