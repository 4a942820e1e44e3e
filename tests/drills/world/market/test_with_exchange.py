"""The real exchange runs on this market: it lists, fills, delivers and lists again."""

from decimal import Decimal
from fractions import Fraction

import pytest

from bot.domain.ids import AccountId, Currency, IndexName, InstrumentName
from bot.domain.instant import HOUR_MS
from bot.domain.side import Side
from bot.simulator.exchange.account import Account
from bot.simulator.exchange.expiry import DELIVERY_WINDOW_MS
from bot.simulator.exchange.passing import advance, list_instruments
from bot.simulator.exchange.settlement import option_payout
from bot.simulator.exchange.terms import Terms
from bot.simulator.exchange.trading import Placed, place
from bot.simulator.exchange.venue import Venue
from drills.world.market import REGIMES, WorldMarket
from tests.drills.world.market.stage import PERPETUAL, START_MS

D = Decimal
MAIN = AccountId("main")
BTC = Currency("BTC")
FIVE_MS = START_MS + 5 * HOUR_MS
EIGHT_MS = START_MS + 8 * HOUR_MS


def opened(regime: str, *, start_ms: int = START_MS) -> tuple[Venue, WorldMarket]:
    """Return an exchange with one account that the market has just opened at."""
    venue = Venue(now_ms=0)
    feed = WorldMarket(seed=7, start_ms=start_ms, regime=REGIMES[regime], step_ms=1_000)
    venue.accounts[MAIN] = Account(id=MAIN, number=1, created_ms=0, cash={BTC: D(10)})
    list_instruments(venue, feed)
    advance(venue, feed, now_ms=start_ms)
    return venue, feed


def placed(
    venue: Venue, name: InstrumentName, side: Side, *, price: Decimal, amount: str
) -> Placed:
    made = place(venue, MAIN, Terms(instrument=name, side=side, amount=D(amount), price=price))
    assert isinstance(made, Placed), made
    return made


@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_the_exchange_runs_for_hours_in_every_regime(regime: str) -> None:
    venue, feed = opened(regime, start_ms=FIVE_MS)
    for at_ms in range(FIVE_MS, FIVE_MS + 4 * HOUR_MS, 15_000):
        advance(venue, feed, now_ms=at_ms)
    assert set(venue.books) == {i.name for i in feed.instruments(venue.now_ms)}
    assert all(book.quotes is not None for book in venue.books.values())
    assert venue.deliveries[IndexName("btc_usd")][EIGHT_MS] > 0
    assert len(venue.expired) >= 6
    assert sum(len(book.trades) for book in venue.books.values()) > 500


def test_an_option_is_delivered_at_the_mean_of_the_last_half_hour() -> None:
    venue, feed = opened("normal", start_ms=FIVE_MS)
    call = next(n for n, b in sorted(venue.books.items())
                if b.instrument.expiry_ms == EIGHT_MS and n.endswith("-C"))  # fmt: skip
    quotes = venue.books[call].quotes
    assert quotes is not None
    made = placed(venue, call, Side.BUY, price=quotes.asks[0].price, amount="0.1")
    cash = venue.accounts[MAIN].cash[BTC]
    shown = []
    for at_ms in range(FIVE_MS + 5_000, EIGHT_MS + 60_000, 5_000):
        advance(venue, feed, now_ms=at_ms)
        if EIGHT_MS - DELIVERY_WINDOW_MS <= at_ms < EIGHT_MS:
            shown.append(venue.indices[IndexName("btc_usd")])
    delivery = venue.deliveries[IndexName("btc_usd")][EIGHT_MS]
    assert abs(delivery - sum(shown) / len(shown)) <= D("0.006")
    instrument, price = venue.expired[call]
    assert price == delivery
    (row,) = [s for s in venue.settlements if s.kind == "delivery"]
    payout = Fraction(1, 10) * option_payout(instrument, delivery=delivery)
    assert payout > 0
    assert abs(Fraction(row.profit) - payout) < Fraction(1, 10**7)
    assert venue.accounts[MAIN].cash[BTC] == cash + row.profit - row.fee
    assert call not in venue.books
    assert made.order.filled == D("0.1")
    tomorrow = {b.instrument.expiry_ms for b in venue.books.values()} - {None}
    assert min(e for e in tomorrow if e is not None) == EIGHT_MS + 24 * HOUR_MS


def test_resting_orders_are_filled_now_and_then_and_partly() -> None:
    venue, feed = opened("normal")
    counted = {"full": 0, "part": 0}
    now_ms = START_MS
    for _ in range(1_500):
        now_ms += 5_000
        for name, book in sorted(venue.books.items()):
            quotes = book.quotes
            has_own = any(True for _ in book.orders(Side.BUY))
            if name == PERPETUAL or has_own or quotes is None or not quotes.bids:
                continue
            placed(venue, name, Side.BUY, price=quotes.bids[0].price, amount="0.5")
        advance(venue, feed, now_ms=now_ms)
        for order in list(venue.open.values()):
            counted["part"] += 0 < order.filled < order.amount
        counted["full"] = sum(o.filled == o.amount for o in venue.closed.values())
        if min(counted.values()) > 0 and counted["full"] >= 5:
            break
    assert counted["full"] >= 5
    assert counted["part"] > 0
