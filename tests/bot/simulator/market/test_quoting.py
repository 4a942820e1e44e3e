"""What the market makers outside show."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.instrument import Instrument, OptionType
from bot.pricing.black76 import Greeks, greeks
from bot.simulator.feed import Quotes
from bot.simulator.market.quoting import option_quotes, straight_quotes
from bot.simulator.market.regime import CALM, NORMAL, STRESSED, Regime
from bot.simulator.market.specification import COINS, inverse_perpetual, linear_perpetual, option
from bot.simulator.market.streams import stream

BTC = COINS[0]
D = Decimal
EXPIRY_MS = 1_774_598_400_000
AT_MS = EXPIRY_MS - 30 * 86_400_000


def _call(strike: int) -> Instrument:
    return option(BTC, expiry_ms=EXPIRY_MS, strike=D(strike), option_type=OptionType.CALL)


def _quote(strike: int, *, regime: Regime = NORMAL, lack_draw: float = 0.99) -> Quotes:
    at = greeks(OptionType.CALL, forward=60_000.0, strike=float(strike), years=30 / 365, sigma=0.6)
    assert isinstance(at, Greeks)
    return option_quotes(
        _call(strike),
        greeks=at,
        sigma=0.6,
        forward=60_000.0,
        underlying_index="SYN.BTC-27MAR26",
        at_ms=AT_MS,
        regime=regime,
        size_factor=1.0,
        lack_draw=lack_draw,
        draws=stream(1, name=f"test/{strike}"),
    )


def test_touch_is_half_the_recorded_spread_away_rounded_outward() -> None:
    # c = 0.0685394…, spread 0.0015 → 0.0677894 down to 0.0675, 0.0692894 up to 0.0695
    quotes = _quote(60_000)
    assert quotes.mark == D("0.068539")
    assert (quotes.bids[0].price, quotes.asks[0].price) == (D("0.0675"), D("0.0695"))


@pytest.mark.parametrize(
    ("regime", "bid", "ask"),
    [
        (CALM, "0.0675", "0.0695"),  # half 0.0006
        (STRESSED, "0.0655", "0.0720"),  # half 0.0030
    ],
)
def test_regimes_widen_and_narrow(regime: Regime, bid: str, ask: str) -> None:
    quotes = _quote(60_000, regime=regime)
    assert (quotes.bids[0].price, quotes.asks[0].price) == (D(bid), D(ask))


def test_spread_is_never_less_than_a_tick_on_each_side() -> None:
    narrow = replace(NORMAL, spread_factor=0.0)
    quotes = _quote(60_000, regime=narrow)
    assert quotes.mark - quotes.bids[0].price >= D("0.0005")
    assert quotes.asks[0].price - quotes.mark >= D("0.0005")


@pytest.mark.parametrize("strike", [20_000, 55_000, 60_000, 80_000, 100_000])
def test_books_are_ladders_on_the_grid(strike: int) -> None:
    instrument, quotes = _call(strike), _quote(strike)
    for levels, sign in ((quotes.bids, -1), (quotes.asks, 1)):
        prices = [level.price for level in levels]
        assert prices == sorted(set(prices), key=lambda p: sign * p)
        assert all(price > 0 and instrument.ticks.is_legal(price) for price in prices)
        amounts = [level.amount for level in levels]
        assert amounts == sorted(amounts)
        assert all(amount % D("0.1") == 0 and amount >= D("0.1") for amount in amounts)
    assert len(quotes.asks) == 5


def test_a_book_lacks_a_side_as_drawn_and_mostly_the_bid() -> None:
    wing = 100_000  # |Δ| < 0.05 at 30 days: half of the books lack a side
    assert _quote(wing, lack_draw=0.39).bids == ()
    assert _quote(wing, lack_draw=0.41).asks == ()
    assert _quote(wing, lack_draw=0.51).asks != ()


def test_a_bid_that_would_be_worth_nothing_is_absent() -> None:
    assert _quote(300_000).bids == ()


def test_perpetual_is_one_tick_wide_around_its_mark() -> None:
    quotes = straight_quotes(
        inverse_perpetual(BTC), mark_usd=60_000.37, regime=NORMAL, draws=stream(1, name="x")
    )
    assert (quotes.bids[0].price, quotes.asks[0].price) == (D("60000.0"), D("60000.5"))
    assert quotes.mark == D("60000.37")
    assert all(level.amount % 10 == 0 for level in (*quotes.bids, *quotes.asks))


def test_perpetual_of_a_stressed_market_is_twenty_ticks_wide() -> None:
    quotes = straight_quotes(
        inverse_perpetual(BTC), mark_usd=60_000.37, regime=STRESSED, draws=stream(1, name="x")
    )
    assert quotes.asks[0].price - quotes.bids[0].price == D(10)
    assert quotes.bids[0].price < quotes.mark < quotes.asks[0].price


def test_linear_perpetual_is_sized_in_coin() -> None:
    quotes = straight_quotes(
        linear_perpetual(BTC), mark_usd=60_000.0, regime=NORMAL, draws=stream(1, name="x")
    )
    assert D("0.05") < quotes.bids[0].amount < D(100)
    assert quotes.bids[0].amount % D("0.001") == 0
