"""A stale book is a free option for others [C-111] (DOMAIN §7.1)."""

import pytest

from bot.domain.reason import Reason
from bot.gates.freshness import check
from tests.bot.gates.world import OPEN, book, facts, perpetual_facts, reason_of


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(
    ("age_ms", "expected"), [(0, None), (5_000, None), (5_001, Reason.BOOK_STALE)]
)
def test_an_options_book_holds_five_seconds(age_ms: int, expected: Reason | None) -> None:
    assert reason_of(check, OPEN, facts(book_age_ms=age_ms)) is expected


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(("age_ms", "expected"), [(2_000, None), (2_001, Reason.BOOK_STALE)])
def test_a_perpetuals_book_holds_two_seconds(age_ms: int, expected: Reason | None) -> None:
    assert reason_of(check, OPEN, perpetual_facts(book_age_ms=age_ms)) is expected


@pytest.mark.rule("C-111")
def test_no_book_no_age_or_a_missed_change_is_stale() -> None:
    for seen in (facts(book=None), facts(book_age_ms=None), facts(book=book(is_broken=True))):
        assert reason_of(check, OPEN, seen) is Reason.BOOK_STALE


@pytest.mark.rule("C-111")
def test_a_fresh_mark_makes_no_book_fresh_and_an_old_one_none_stale() -> None:
    assert reason_of(check, OPEN, facts(book_age_ms=5_001, mark_age_ms=0)) is Reason.BOOK_STALE
    assert reason_of(check, OPEN, facts(book_age_ms=0, mark_age_ms=None)) is None
