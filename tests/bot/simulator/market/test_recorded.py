"""The recorded market as the exchange sees it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.ids import IndexName
from bot.domain.instant import DAY_MS, HOUR_MS, MINUTE_MS
from bot.domain.instrument import Kind
from bot.domain.money import Amount, Price
from bot.domain.report import Level
from bot.simulator.feed import Feed, Quotes
from bot.simulator.market.fault import BadSaveError
from bot.simulator.market.recorded import RecordedMarket, start_ms
from tests.shared import shared

CUT = Path(__file__).parents[3] / "data" / "market" / "btc_5min_cut.jsonl.gz"
START_MS = 1681296015483  # the first line
BTC_USD = IndexName("btc_usd")
D = Decimal


@contextmanager
def _market(path: Path = CUT, *, saved: bytes | None = None) -> Iterator[RecordedMarket]:
    with closing(RecordedMarket(path, saved=saved)) as market:
        yield market


def test_the_cut_is_small_enough_to_ship() -> None:
    assert CUT.stat().st_size < 900 * 1024
    assert (CUT.parent / "SOURCE.md").read_text().count("MIT") >= 1


def test_the_clock_starts_with_the_first_line() -> None:
    assert start_ms(CUT) == START_MS


def test_all_instruments_of_the_first_round_are_listed_at_the_start() -> None:
    with _market() as market:
        feed: Feed = market
        listed = feed.instruments(START_MS)
        assert len(listed) == 29
        assert [i.name for i in listed if i.kind is Kind.PERPETUAL] == ["BTC-PERPETUAL"]
        expiries = {i.expiry_ms for i in listed if i.kind is Kind.OPTION}
        assert expiries == {1681459200000, 1682064000000, 1682668800000}  # 14, 21, 28 April


def test_the_recorded_touch_is_what_orders_meet() -> None:
    with _market() as market:
        shown = {q.instrument: q for q in market.advance(START_MS).quotes}
    put = shown[next(n for n in shown if n == "BTC-14APR23-29000-P")]
    # the first line of the recording
    assert put.bids == (Level(Price(D("0.0055")), Amount(D("45.2"))),)
    assert put.asks == (Level(Price(D("0.0065")), Amount(D("81.6"))),)
    assert (put.mark, put.underlying, put.underlying_index) == (
        D("0.006"),
        D("30032.08"),
        "BTC-14APR23",
    )
    assert put.mark_iv == pytest.approx(0.6474)
    assert put.greeks is not None
    assert put.greeks.delta == pytest.approx(-0.21941, abs=4e-5)


def test_index_and_perpetual_come_from_the_index_price() -> None:
    with _market() as market:
        tick = market.advance(START_MS)
    assert tick.indices == {"btc_usd": D("30021.98")}
    perpetual = next(q for q in tick.quotes if q.instrument == "BTC-PERPETUAL")
    assert perpetual.bids == (Level(Price(D("30021.5")), Amount(D(200_000))),)
    assert perpetual.asks == (Level(Price(D("30022.0")), Amount(D(200_000))),)
    assert perpetual.mark == D("30021.98")
    assert tick.funding_8h == {"BTC-PERPETUAL": 0.0}


def test_a_quote_stands_until_the_recording_changes_it() -> None:
    with _market() as market:
        first = {q.instrument for q in market.advance(START_MS + MINUTE_MS).quotes}
        assert len(first) == 29
        # Rounds come every five minutes and last 40 s: nothing happens in between.
        assert market.advance(START_MS + 4 * MINUTE_MS).quotes == ()
        assert market.advance(START_MS + 6 * MINUTE_MS).quotes != ()


def test_how_often_it_is_asked_changes_nothing() -> None:
    end_ms = START_MS + HOUR_MS
    often: dict[str, Quotes] = {}
    with _market() as market:
        for at_ms in range(START_MS, end_ms + 1, 10_000):
            often |= {q.instrument: q for q in market.advance(at_ms).quotes}
        last = market.advance(end_ms).indices
    with _market() as market:
        tick = market.advance(end_ms)
    assert {q.instrument: q for q in tick.quotes} == often
    assert tick.indices == last


def test_the_hour_without_lines_is_lived_through() -> None:
    gap_begins, gap_ends = 1681372580000, 1681376110000  # 07:56:20, 08:55:10 on the 13th
    with _market() as market:
        market.advance(gap_begins)
        inside = market.advance(gap_ends)
        assert inside.quotes == ()
        index = inside.indices[BTC_USD]
        mean = market.index_mean(BTC_USD, gap_begins, gap_ends)
        assert mean == index
        assert len(market.instruments(gap_ends)) == 29
        assert market.advance(gap_ends + MINUTE_MS).quotes != ()


def test_a_saved_market_goes_on_where_it_was() -> None:
    at_ms = START_MS + 3 * HOUR_MS
    with _market() as market:
        market.advance(at_ms)
        saved = market.save()
        with _market(saved=saved) as restored:
            assert restored.save() == saved
            first = restored.advance(at_ms)
            assert {q.instrument for q in first.quotes} == {
                i.name for i in restored.instruments(at_ms)
            }
            later_ms = at_ms + 10 * MINUTE_MS
            assert restored.advance(later_ms) == market.advance(later_ms)
            assert restored.index_mean(BTC_USD, START_MS, later_ms) == market.index_mean(
                BTC_USD, START_MS, later_ms
            )


@pytest.mark.parametrize(
    "saved",
    [b"", b'{"version":1,"file":"other.jsonl","bytes":1,"at_ms":0}'],
)
def test_bytes_of_another_recording_are_refused(saved: bytes) -> None:
    with pytest.raises(BadSaveError, match="saved market"):
        RecordedMarket(CUT, saved=saved)


def test_an_index_that_is_not_there_has_no_mean() -> None:
    with _market() as market, pytest.raises(ValueError, match="no index"):
        market.index_mean(IndexName("eth_usd"), 0, 1)


def test_after_the_last_line_all_stands_still() -> None:
    with _market() as market:
        market.advance(START_MS + 2 * DAY_MS)
        assert market.is_over
        tick = market.advance(START_MS + 3 * DAY_MS)
        assert tick.quotes == ()
        assert tick.at_ms == START_MS + 3 * DAY_MS
        assert {i.name.split("-")[1] for i in market.instruments(tick.at_ms)} == {
            "PERPETUAL",
            "21APR23",
            "28APR23",
        }


def test_the_whole_recording_runs_through_its_expiry() -> None:
    folder = shared("deribit/captures/chains")
    expiry_ms = 1681459200000  # 2023-04-14T08:00Z: inside a gap of ten minutes
    with _market(folder) as market:
        market.advance(expiry_ms - MINUTE_MS)
        names = {i.name for i in market.instruments(expiry_ms - 1)}
        assert sum("14APR23" in name for name in names) == 8
        market.advance(expiry_ms)
        assert not any("14APR23" in i.name for i in market.instruments(expiry_ms))
        delivery = market.index_mean(BTC_USD, expiry_ms - 30 * MINUTE_MS, expiry_ms)
        # 30854.1892…: exact fractions over every recorded index price, held until the next
        assert abs(delivery - D("30854.19")) <= D("0.02")
        market.advance(1681473616965)
        assert market.is_over


def test_every_recorded_book_is_on_the_tick_of_2023() -> None:
    with _market() as market:
        ticks = {i.name: i.ticks for i in market.instruments(START_MS)}
        for at_ms in range(START_MS, START_MS + DAY_MS, 5 * MINUTE_MS):
            for quotes in market.advance(at_ms).quotes:
                for level in (*quotes.bids, *quotes.asks):
                    assert ticks[quotes.instrument].is_legal(level.price)
