"""Enough must stand in the book for our size [C-111] (DOMAIN §7.1): three times, in two ticks."""

import pytest

from bot.domain.reason import Reason
from bot.gates.depth import check
from tests.bot.gates.world import book, facts, intent, reason_of

Rows = tuple[tuple[str, str], ...]


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(
    ("bids", "expected"),
    [
        ((("0.0135", "0.9"),), None),
        ((("0.0135", "0.8"),), Reason.DEPTH_THIN),
        ((("0.0135", "0.3"), ("0.0130", "0.3"), ("0.0125", "0.3")), None),
        ((("0.0135", "0.3"), ("0.0130", "0.3"), ("0.0120", "9")), Reason.DEPTH_THIN),
        ((), Reason.BOOK_ONE_SIDED),
    ],
)
def test_a_sale_of_three_tenths_needs_nine_near_the_bid(
    bids: Rows, expected: Reason | None
) -> None:
    seen = facts(book=book(bids, (("0.0145", "0.1"),)))
    assert reason_of(check, intent(side="sell", amount="0.3"), seen) is expected


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(
    ("asks", "expected"),
    [
        ((("0.0145", "0.3"), ("0.0155", "0.6")), None),
        ((("0.0145", "0.3"), ("0.0160", "0.6")), Reason.DEPTH_THIN),
        ((), Reason.BOOK_ONE_SIDED),
    ],
)
def test_a_purchase_looks_at_the_asks(asks: Rows, expected: Reason | None) -> None:
    seen = facts(book=book((("0.0135", "0.1"),), asks))
    assert reason_of(check, intent(side="buy", amount="0.3"), seen) is expected


@pytest.mark.rule("C-111")
def test_without_a_book_there_is_no_depth() -> None:
    assert reason_of(check, intent(), facts(book=None)) is Reason.BOOK_ONE_SIDED
