"""Our margin of what is to be opened is never below the venue's own [C-116].

The simulated exchange computes DOMAIN §11.1 by itself, from code of its own; its figures are those
recorded at the venue.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import Instrument, Kind, OptionType
from bot.domain.money import Amount, Price
from bot.domain.side import Side
from bot.portfolio.margin import order_margin
from bot.simulator.exchange.margin import margin_of, open_order_margin
from tests.bot.portfolio.listed import future, option

SIDES = st.sampled_from(Side)
PRICES = st.decimals("20000", "120000", places=1)
PREMIUMS = st.decimals("0", "1.5", places=4)
CONTRACTS = st.integers(1, 400)


@st.composite
def options(draw: st.DrawFn) -> Instrument:
    """An option of any type, strike and kind."""
    strike = draw(st.integers(20, 120)) * 1_000
    return option(draw(st.sampled_from(OptionType)), str(strike), is_inverse=draw(st.booleans()))


def opens(draw: st.DrawFn, step: Decimal) -> list[tuple[Side, Decimal]]:
    """Up to five opens in one instrument."""
    pairs = draw(st.lists(st.tuples(SIDES, CONTRACTS), min_size=1, max_size=5))
    return [(side, count * step) for side, count in pairs]


def tied(
    instrument: Instrument,
    orders: list[tuple[Side, Decimal, Decimal]],
    *,
    held: Decimal,
    mark: Decimal,
    forwards: tuple[Decimal, ...],
) -> Fraction:
    """What ours says that all of them tie up, one after the other."""
    beside, total = abs(held), Fraction(0)
    for side, amount, price in orders:
        total += max(
            Fraction(
                order_margin(
                    instrument,
                    side=side,
                    amount=Amount(amount),
                    price=Price(price),
                    mark=Price(mark),
                    index=Price(forward),
                    beside=Amount(beside),
                )
            )
            for forward in forwards
        )
        beside += amount
    return total


def asked_by_venue(
    instrument: Instrument,
    orders: list[tuple[Side, Decimal, Decimal]],
    *,
    held: Decimal,
    mark: Decimal,
    forward: Decimal,
) -> Fraction:
    """What the venue reserves for them while they rest."""
    buys = [(amount, price) for side, amount, price in orders if side is Side.BUY]
    return open_order_margin(
        instrument,
        size=held,
        buys=sum((amount for amount, _ in buys), Decimal(0)),
        buys_worth=sum((Fraction(a) * Fraction(p) for a, p in buys), Fraction(0)),
        sells=sum((amount for side, amount, _ in orders if side is Side.SELL), Decimal(0)),
        mark=mark,
        forward=forward,
    )


@pytest.mark.rule("C-116")
@given(st.data(), options(), PRICES, PRICES, PREMIUMS, st.integers(-400, 400))
def test_options_tie_up_no_less_than_the_venue_reserves(
    data: st.DataObject,
    instrument: Instrument,
    index: Decimal,
    underlying: Decimal,
    premium: Decimal,
    lots: int,
) -> None:
    unit = Decimal(1) if instrument.is_inverse else Decimal(1_000)
    mark, held = premium * unit, lots * instrument.amount_step
    orders = [
        (side, amount, data.draw(PREMIUMS) * unit)
        for side, amount in data.draw(st.composite(opens)(instrument.amount_step))
    ]
    ours = tied(instrument, orders, held=held, mark=mark, forwards=(index, underlying))
    venue = asked_by_venue(instrument, orders, held=held, mark=mark, forward=underlying)
    assert ours >= venue


@pytest.mark.rule("C-116")
@given(st.data(), st.booleans(), PRICES, st.integers(-40_000, 40_000))
def test_futures_tie_up_no_less_than_the_venue_reserves(
    data: st.DataObject, is_inverse: bool, mark: Decimal, lots: int
) -> None:
    instrument = future(Kind.PERPETUAL, is_inverse=is_inverse)
    step = instrument.amount_step * 100
    held = lots * step
    orders = [
        (side, amount, data.draw(PRICES)) for side, amount in data.draw(st.composite(opens)(step))
    ]
    ours = tied(instrument, orders, held=held, mark=mark, forwards=(mark,))
    venue = asked_by_venue(instrument, orders, held=held, mark=mark, forward=mark)
    assert ours >= venue


@pytest.mark.rule("C-116")
@given(options(), PRICES, PRICES, PREMIUMS, CONTRACTS, SIDES)
def test_an_order_ties_up_no_less_than_the_venue_s_own_what_if_answers(
    instrument: Instrument,
    index: Decimal,
    underlying: Decimal,
    premium: Decimal,
    lots: int,
    side: Side,
) -> None:
    unit = Decimal(1) if instrument.is_inverse else Decimal(1_000)
    price, amount = premium * unit, lots * instrument.amount_step
    answered = margin_of(instrument, size=amount * side.sign, mark=price, forward=underlying)
    ours = tied(
        instrument,
        [(side, amount, price)],
        held=Decimal(0),
        mark=price,
        forwards=(index, underlying),
    )
    assert ours >= answered.initial >= 0
    assert ours >= answered.maintenance


@pytest.mark.rule("C-116")
@pytest.mark.parametrize(
    ("held", "amount", "least"),
    [
        # 2 coins held, 1 more: 2 % of 1, and 0.005 % of 3·3 − 2·2.
        ("120000", "60000", "0.02025"),
        ("-120000", "60000", "0.02025"),
        ("0", "60000", "0.02005"),
    ],
)
def test_a_future_s_rate_grows_with_all_that_is_held(held: str, amount: str, least: str) -> None:
    orders = [(Side.SELL, Decimal(amount), Decimal(60_000))]
    ours = tied(
        future(), orders, held=Decimal(held), mark=Decimal(60_000), forwards=(Decimal(60_000),)
    )
    fee = Fraction(Decimal("0.0005"))
    assert ours == Fraction(Decimal(least)) + fee
