"""No mid, no decision [C-111]."""

import pytest

from bot.domain.reason import Reason
from bot.gates.two_sided import check
from bot.market.book import Book
from tests.bot.gates.world import OPEN, book, facts, reason_of


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (book(), None),
        (book(bids=()), Reason.BOOK_ONE_SIDED),
        (book(asks=()), Reason.BOOK_ONE_SIDED),
        (None, Reason.BOOK_ONE_SIDED),
        (book((("0.0135", "1"),), (("0.0135", "1"),)), Reason.BOOK_CROSSED),
        (book((("0.0140", "1"),), (("0.0135", "1"),)), Reason.BOOK_CROSSED),
        (book((("0.0135", "1"),), (("0.0140", "1"),)), None),
    ],
)
def test_a_book_needs_two_sides_that_do_not_meet(
    seen: Book | None, expected: Reason | None
) -> None:
    assert reason_of(check, OPEN, facts(book=seen)) is expected
