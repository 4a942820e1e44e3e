"""What one coin's market has listed."""

from datetime import date

from bot.domain.name import check_name
from bot.simulator.market.expiries import expiry_ms
from bot.simulator.market.listing import Listing
from bot.simulator.market.specification import COINS

BTC, ETH = COINS
AT_MS = expiry_ms(date(2026, 1, 14)) + 1


def _listing() -> Listing:
    listing = Listing(BTC, strikes={}, at_ms=AT_MS)
    listing.review(AT_MS, price=60_000.0)
    return listing


def test_a_new_market_lists_perpetuals_futures_and_options() -> None:
    names = [i.name for i in _listing()]
    assert names[:4] == [
        "BTC-PERPETUAL",
        "BTC_USDC-PERPETUAL",
        "BTC-27MAR26",
        "BTC-26JUN26",
    ]
    assert "BTC-30JAN26-60000-C" in names
    assert len(names) == len(set(names)) == 4 + 8 * 17 * 2


def test_every_definition_agrees_with_its_name() -> None:
    for coin in (BTC, ETH):
        listing = Listing(coin, strikes={}, at_ms=AT_MS)
        listing.review(AT_MS, price=coin.start_usd)
        assert [check_name(i) for i in listing if check_name(i) is not None] == []


def test_an_expiry_makes_room_for_the_next() -> None:
    listing = _listing()
    first = listing.expiries[0]
    assert not listing.has_expired(first - 1)
    assert listing.has_expired(first)
    assert listing.review(first, price=61_000.0)
    assert listing.expiries[0] > first
    assert not listing.review(first, price=61_000.0)  # nothing more to do


def test_a_listing_is_rebuilt_from_its_strikes() -> None:
    listing = _listing()
    again = Listing(BTC, strikes=listing.strikes, at_ms=AT_MS)
    assert list(again) == list(listing)


def test_forwards_are_named_as_the_venue_names_them() -> None:
    listing = _listing()
    quarter = expiry_ms(date(2026, 3, 27))
    weekly = expiry_ms(date(2026, 1, 23))
    assert listing.underlying_index(quarter, at_ms=AT_MS) == "BTC-27MAR26"
    assert listing.underlying_index(weekly, at_ms=AT_MS) == "SYN.BTC-23JAN26"
    assert listing.underlying_index(weekly, at_ms=weekly - 60_000) == "SYN.EXPIRY"
