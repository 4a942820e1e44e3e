"""All that is known of the market, with the age of each part."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from bot.domain.ids import IndexName, InstrumentName
from bot.domain.instrument import BookState
from bot.domain.money import Amount, Price
from bot.domain.report import (
    BookChange,
    BookSnapshot,
    IndexPrice,
    InstrumentState,
    Level,
    PlatformState,
)
from bot.market.market import Market, MarketReport, fold, forget_stream, learn_instruments
from tests.bot.gates.world import OPTION, PERPETUAL, ticker

NAME = OPTION.name
BTC = IndexName("btc_usd")


def told(market: Market, *reports: MarketReport, now_ms: int = 100) -> Market:
    for report in reports:
        market = fold(market, report, now_ms=now_ms)
    return market


def snapshot(**changes: Any) -> BookSnapshot:
    usual = {"instrument": NAME, "at_ms": 1, "change_id": 10, "bids": (), "asks": ()}
    return BookSnapshot(**{**usual, **changes})


def change(**changes: Any) -> BookChange:
    usual = {"instrument": NAME, "at_ms": 2, "prev_change_id": 10, "change_id": 11}
    return BookChange(**{**usual, "bids": (), "asks": (), **changes})


def index(price: str) -> IndexPrice:
    return IndexPrice(index=BTC, at_ms=1, price=Price(Decimal(price)))


def test_a_book_begins_with_a_snapshot_and_not_with_a_change() -> None:
    assert told(Market(), change()) == Market()
    market = told(Market(), snapshot(), change())
    assert market.books[NAME].change_id == 11
    assert not market.books[NAME].is_broken


@pytest.mark.rule("C-502")
def test_a_gap_breaks_one_book_and_a_snapshot_mends_it() -> None:
    other = InstrumentName("BTC-PERPETUAL")
    market = told(
        Market(), snapshot(), snapshot(instrument=other), change(prev_change_id=9, change_id=12)
    )
    assert market.books[NAME].is_broken
    assert not market.books[other].is_broken
    assert not told(market, snapshot(change_id=20)).books[NAME].is_broken


@pytest.mark.parametrize("at_ms", [1, 10**15])
def test_ages_count_from_when_it_reached_us(at_ms: int) -> None:
    market = told(Market(), snapshot(at_ms=at_ms), ticker(at_ms=at_ms), now_ms=100)
    for age_ms in (market.book_age_ms, market.mark_age_ms):
        assert age_ms(NAME, now_ms=100) == 0
        assert age_ms(NAME, now_ms=350) == 250
        assert age_ms(NAME, now_ms=90) == 0  # a corrected clock makes nothing younger than new
        assert age_ms(PERPETUAL.name, now_ms=350) is None


def test_a_book_says_nothing_of_the_mark_and_a_ticker_nothing_of_a_book_that_is_not_there() -> None:
    assert told(Market(), snapshot()).mark_age_ms(NAME, now_ms=100) is None
    assert told(Market(), ticker()).book_age_ms(NAME, now_ms=100) is None


BID = (Level(Price(Decimal("0.0130")), Amount(Decimal(5))),)
ASK = (Level(Price(Decimal("0.0140")), Amount(Decimal(7))),)
QUOTED: dict[str, object] = {"bid": ["0.0130", "5"], "ask": ["0.0140", "7"]}


@pytest.mark.rule("C-111")
def test_a_quiet_book_is_confirmed_by_a_ticker_with_its_very_top() -> None:
    market = told(Market(), snapshot(bids=BID, asks=ASK), now_ms=100)
    market = told(market, ticker(**QUOTED), now_ms=5_000)
    assert market.book_age_ms(NAME, now_ms=5_000) == 0
    assert market.books[NAME].change_id == 10


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(
    "other",
    [
        {"bid": ["0.0135", "5"]},
        {"bid": ["0.0130", "4"]},
        {"ask": ["0.0145", "7"]},
        {"ask": ["0.0140", "8"]},
        {"bid": None},
        {"ask": None},
    ],
)
def test_a_ticker_with_another_top_lets_the_book_grow_old(other: dict[str, object]) -> None:
    market = told(Market(), snapshot(bids=BID, asks=ASK), now_ms=100)
    market = told(market, ticker(**{**QUOTED, **other}), now_ms=5_000)
    assert market.book_age_ms(NAME, now_ms=5_000) == 4_900
    assert market.mark_age_ms(NAME, now_ms=5_000) == 0


@pytest.mark.rule("C-502")
def test_a_broken_book_is_confirmed_by_nothing() -> None:
    market = told(Market(), snapshot(bids=BID, asks=ASK), now_ms=100)
    market = told(market, change(prev_change_id=9, change_id=12), now_ms=200)
    market = told(market, ticker(**QUOTED), now_ms=5_000)
    assert market.book_age_ms(NAME, now_ms=5_000) == 4_800


def test_an_index_remembers_its_last_step_and_the_larger_of_two() -> None:
    market = told(Market(), index("60000"), now_ms=100)
    assert market.indices[BTC].jump_ratio == 0.0
    market = told(market, index("61500"), now_ms=200)  # 2.5 % up
    assert market.indices[BTC].jump_ratio == pytest.approx(0.025)
    market = told(market, index("61500"), now_ms=300)  # still next to the jump
    assert market.indices[BTC].jump_ratio == pytest.approx(0.025)
    market = told(market, index("60885"), now_ms=400)  # 1 % down, the jump is past
    assert market.indices[BTC].jump_ratio == pytest.approx(0.01)
    assert market.index_age_ms(BTC, now_ms=450) == 50
    assert market.index_age_ms(IndexName("eth_usd"), now_ms=450) is None


def test_an_instruments_state_is_kept_with_its_definition() -> None:
    market = learn_instruments(Market(), [OPTION, PERPETUAL], now_ms=100)
    halted = InstrumentState(instrument=NAME, at_ms=1, state=BookState.HALTED)
    stranger = InstrumentState(instrument=InstrumentName("X"), at_ms=1, state=BookState.HALTED)
    market = told(market, halted, stranger)
    assert market.instruments[NAME] == msgspec.structs.replace(OPTION, state=BookState.HALTED)
    assert market.instruments[PERPETUAL.name] == PERPETUAL
    assert set(market.instruments) == {NAME, PERPETUAL.name}
    assert market.instruments_at_ms == 100


def platform(*, locked: bool = False, maintenance: bool = False, index: str = "") -> PlatformState:
    return PlatformState(
        is_locked=locked, is_maintenance=maintenance, index=IndexName(index) if index else None
    )


@pytest.mark.rule("C-508")
@pytest.mark.parametrize(
    ("reports", "is_locked"),
    [
        ([], False),
        ([platform(locked=True)], True),
        ([platform(maintenance=True)], True),
        ([platform(locked=True), platform()], False),
        ([platform(locked=True, index="btc_usd")], True),
        ([platform(locked=True, index="btc_usd"), platform(index="btc_usd")], False),
        ([platform(locked=True, index="btc_usd"), platform(index="sol_usdc")], True),
        ([platform(maintenance=True), platform(index="sol_usdc")], True),
        ([platform(locked=True, index="btc_usd"), platform()], False),
    ],
)
def test_one_index_that_opens_does_not_open_another(
    reports: list[PlatformState], is_locked: bool
) -> None:
    assert told(Market(), *reports).is_locked is is_locked


@pytest.mark.rule("C-303")
def test_a_lost_stream_takes_with_it_what_only_it_kept_true() -> None:
    market = learn_instruments(Market(), [OPTION], now_ms=100)
    market = forget_stream(
        told(market, snapshot(), ticker(), index("60000"), platform(locked=True))
    )
    assert (market.books, market.heard, market.confirmed, market.indices) == ({}, {}, {}, {})
    assert market.instruments == {NAME: OPTION}
    assert market.tickers == {NAME: ticker()}
    assert market.is_locked


@pytest.mark.rule("C-508")
@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([], False),
        ([platform(locked=True)], False),
        ([platform(maintenance=True)], True),
        ([platform(maintenance=True), platform(locked=True, index="sol_usdc")], True),
        ([platform(maintenance=True), platform()], False),
    ],
)
def test_maintenance_is_told_apart_from_a_lock(
    reports: list[PlatformState], expected: bool
) -> None:
    assert told(Market(), *reports).is_in_maintenance is expected


@pytest.mark.rule("C-508")
def test_it_is_known_since_when_a_book_is_broken() -> None:
    gap = change(prev_change_id=9, change_id=12)
    market = told(told(Market(), snapshot()), gap, now_ms=200)
    assert market.broken == {NAME: 200}
    assert told(market, gap, now_ms=300).broken == {NAME: 200}
    assert told(market, snapshot(), now_ms=300).broken == {}
    assert forget_stream(market).broken == {}
