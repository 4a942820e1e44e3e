"""Options too cheap to sell (DOMAIN §7.1): a bid below 0.0010."""

import pytest

from bot.domain.reason import Reason
from bot.gates.premium import check
from bot.market.book import Book
from tests.bot.gates.world import book, facts, intent, perpetual_facts, reason_of


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("seen", "side", "expected"),
    [
        (book(bids=(("0.0010", "1"),)), "sell", None),
        (book(bids=(("0.0009", "1"),)), "sell", Reason.PREMIUM_SMALL),
        (book(bids=()), "sell", Reason.PREMIUM_SMALL),
        (None, "sell", Reason.PREMIUM_SMALL),
        (book(bids=(("0.0001", "1"),)), "buy", None),
    ],
)
def test_a_sale_needs_a_bid_worth_its_fee(
    seen: Book | None, side: str, expected: Reason | None
) -> None:
    assert reason_of(check, intent(side=side), facts(book=seen)) is expected


def test_a_perpetual_has_no_premium() -> None:
    assert reason_of(check, intent(), perpetual_facts(book=None)) is None
