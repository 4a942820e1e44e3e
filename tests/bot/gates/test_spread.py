"""How wide a market may be (DOMAIN §7.1) [C-111].

The vol points were found by bisection over the Black-76 formula at a forward of 60000, apart from
the project's own code.
"""

import pytest

from bot.domain.reason import Reason
from bot.gates.spread import check
from tests.bot.gates.world import (
    OPEN,
    book,
    facts,
    option,
    perpetual_facts,
    reason_of,
    ticker,
)


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(
    ("bid", "ask", "strike", "days", "expected"),
    [
        ("0.0315", "0.0325", 72000, 30, None),  # 2 ticks
        ("0.0100", "0.0115", 72000, 30, None),  # 14.0 % of the mid, more than 2 ticks
        ("0.0100", "0.0120", 72000, 30, Reason.SPREAD_WIDE),  # 18.2 %, 4 ticks, 3.08 vol points
        ("0.0100", "0.0120", 71000, 30, None),  # the same in price, 2.996 vol points
        ("0.0055", "0.0065", 72000, 10, None),  # 2 ticks to the digit, 3.46 vol points
        ("0.0055", "0.0070", 72000, 10, Reason.SPREAD_WIDE),
        ("0.0185", "0.0215", 72000, 10, None),  # 15 % to the digit, 6.46 vol points
        ("0.0185", "0.0220", 72000, 10, Reason.SPREAD_WIDE),
        ("0.1500", "0.2000", 50000, 30, Reason.SPREAD_WIDE),  # a bid below 1 − 5/6 has no vol
        ("0.0010", "0.0025", 88000, 30, Reason.SPREAD_WIDE),  # 86 %, 15 ticks, 8.96 vol points
        ("0.0010", "0.0025", 64000, 90, None),  # the same in price, 2.005 vol points
        ("0.0010", "0.0025", 72000, 120, None),  # 2.952 vol points
        ("0.0010", "0.0025", 74000, 120, Reason.SPREAD_WIDE),  # 3.188 vol points
    ],
)
def test_an_option_fails_only_when_wide_in_price_and_in_vol(
    bid: str, ask: str, strike: int, days: int, expected: Reason | None
) -> None:
    seen = facts(
        instrument=option(strike=strike, days=days), book=book(((bid, "9"),), ((ask, "9"),))
    )
    assert reason_of(check, OPEN, seen) is expected


@pytest.mark.rule("C-111")
def test_a_wide_spread_whose_vol_cannot_be_known_is_refused() -> None:
    wide = book((("0.0010", "9"),), (("0.0025", "9"),))
    narrow_in_vol = option(strike=64000, days=90)
    for unknown in (None, ticker(underlying=None)):
        seen = facts(instrument=narrow_in_vol, book=wide, ticker=unknown)
        assert reason_of(check, OPEN, seen) is Reason.SPREAD_WIDE


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        ("60000", "60000.5", None),
        ("59991", "60009", None),  # 18 of 60000: 3 bp
        ("59991", "60009.5", Reason.SPREAD_WIDE),
    ],
)
def test_a_perpetual_may_be_three_basis_points_wide(
    bid: str, ask: str, expected: Reason | None
) -> None:
    seen = perpetual_facts(book=book(((bid, "9"),), ((ask, "9"),)))
    assert reason_of(check, OPEN, seen) is expected


@pytest.mark.rule("C-111")
def test_without_a_side_there_is_no_spread() -> None:
    for bad in (None, book(bids=()), book(asks=())):
        assert reason_of(check, OPEN, facts(book=bad)) is Reason.BOOK_ONE_SIDED
