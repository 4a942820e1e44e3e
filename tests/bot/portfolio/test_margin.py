"""Standard margin (DOMAIN §11.1)."""

from decimal import Decimal

import pytest

from bot.domain.instrument import Instrument, OptionType
from bot.domain.money import Amount, Price
from bot.domain.side import Side
from bot.portfolio.margin import order_margin, position_margin
from tests.bot.portfolio.listed import future, option

CALL, PUT = OptionType.CALL, OptionType.PUT


def amount(text: str) -> Amount:
    return Amount(Decimal(text))


def price(text: str) -> Price:
    return Price(Decimal(text))


@pytest.mark.parametrize(
    ("instrument", "quantity", "mark", "index", "initial", "maintenance"),
    [
        # Recorded at the venue.
        (option(PUT, "38000"), "-0.3", "0.0003993", "41590.34", "0.03011979", "0.02261979"),
        (option(PUT, "30000"), "-0.1", "0.00337952", "60000", "0.010337952", "0.007837952"),
        # DOMAIN §11.1.
        (option(CALL, "74000"), "-1", "0.0103", "60000", "0.1103", "0.0853"),
        (option(CALL, "60000"), "-1", "0.05", "60000", "0.20", "0.125"),
        (option(PUT, "60000"), "-1", "0.05", "60000", "0.20", "0.125"),
        # 3000 USD out of the money are 0.05 of the index: 0.15 − 0.05 = 0.10 and below stays 0.10.
        (option(CALL, "61500"), "-2", "0.03", "60000", "0.31", "0.21"),
        # A put worth 4 coins: MM 0.075·4 + 4 = 4.3 is above 0.15 + 4, and IM follows.
        (option(PUT, "300000"), "-1", "4", "60000", "4.3", "4.3"),
        # Long options are paid for.
        (option(CALL, "60000"), "5", "0.05", "60000", "0", "0"),
        # Linear: the same fractions of the index, in USDC: 0.15·60000 + 3000.
        (option(CALL, "60000", is_inverse=False), "-1", "3000", "60000", "12000", "7500"),
        # 60000 USD are one coin: 2 % + 0.005 %.
        (future(), "60000", "60000", "60000", "0.02005", "0.01005"),
        (future(), "-120000", "60000", "60000", "0.0402", "0.0202"),
        (future(is_inverse=False), "-2", "60000", "60000", "2412", "1212"),
    ],
)
def test_the_margin_of_one_position_is_the_venues(
    instrument: Instrument, quantity: str, mark: str, index: str, initial: str, maintenance: str
) -> None:
    margin = position_margin(
        instrument, quantity=amount(quantity), mark=price(mark), index=price(index)
    )
    assert (margin.initial, margin.maintenance) == (Decimal(initial), Decimal(maintenance))


@pytest.mark.parametrize(("mark", "index"), [("-0.01", "60000"), ("0.01", "0"), ("NaN", "1")])
def test_no_margin_is_computed_from_a_price_that_is_none(mark: str, index: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        position_margin(
            option(CALL, "60000"), quantity=amount("-1"), mark=price(mark), index=price(index)
        )


@pytest.mark.rule("C-116")
@pytest.mark.parametrize(
    ("instrument", "side", "size", "limit", "mark", "tied"),
    [
        # premium 0.02 and its fee
        (option(CALL, "60000"), Side.BUY, "1", "0.02", "0.03", "0.0203"),
        # the mark is dearer than the limit: 0.15 + 0.03, fee 0.0003
        (option(CALL, "60000"), Side.SELL, "1", "0.02", "0.03", "0.1803"),
        # the limit is dearer
        (option(CALL, "60000"), Side.SELL, "1", "0.05", "0.03", "0.2003"),
        # the lower price is more coins: 30000 / 30000 = 1 coin; fee 30000/30000·0.0005
        (future(), Side.BUY, "30000", "30000", "60000", "0.02055"),
        (future(), Side.SELL, "60000", "60000", "60000", "0.02055"),
        # linear: 2 % + 0.005 % of 60000, fee 30
        (future(is_inverse=False), Side.BUY, "1", "60000", "50000", "1233"),
        # a maker's rebate is never counted on
        (future(taker_rate="-0.1"), Side.BUY, "60000", "60000", "60000", "0.02005"),
    ],
)
def test_an_open_ties_up_the_dearer_of_price_and_mark_and_the_fee(
    instrument: Instrument, side: Side, size: str, limit: str, mark: str, tied: str
) -> None:
    assert order_margin(
        instrument,
        side=side,
        amount=amount(size),
        price=price(limit),
        mark=price(mark),
        index=price("60000"),
    ) == Decimal(tied)
