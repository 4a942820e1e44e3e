"""A gap that stays for half a minute shuts all opens [C-508]."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.books import check
from tests.bot.monitors.quiet import POLICY, reason_of, sight


@pytest.mark.rule("C-508")
@pytest.mark.parametrize(("age_ms", "expected"), [(30_000, None), (30_001, Reason.BOOK_GAP)])
def test_a_gap_that_lasts_shuts_opens(age_ms: int, expected: Reason | None) -> None:
    assert reason_of(check, sight(broken_books=(("BTC-PERPETUAL", age_ms),))) is expected


@pytest.mark.rule("C-508")
def test_only_books_that_stay_broken_are_named() -> None:
    cause = check(sight(broken_books=(("A", 40_000), ("B", 1), ("C", 50_000))), POLICY)
    assert cause is not None
    assert cause.detail == "A, C"
    assert reason_of(check, sight()) is None
