"""One coin's market, step by step."""

from decimal import Decimal

from bot.domain.ids import IndexName
from bot.domain.instant import HOUR_MS, MINUTE_MS
from bot.simulator.market.coin_market import CoinMarket, begin
from bot.simulator.market.coin_state import STEP_MS
from bot.simulator.market.regime import NORMAL
from bot.simulator.market.specification import COINS

BTC = COINS[0]
EXPIRY_MS = 1_768_464_000_000  # 2026-01-15T08:00Z
MINUTE_STEPS = MINUTE_MS // STEP_MS
BTC_USD = IndexName("btc_usd")


def _market(at_ms: int) -> CoinMarket:
    step = at_ms // STEP_MS
    state = begin(BTC, regime=NORMAL, step=step)
    return CoinMarket(BTC, seed=7, regime=NORMAL, step=step, state=state)


def test_delivery_is_the_mean_of_the_last_half_hour() -> None:
    market = _market(EXPIRY_MS - 31 * MINUTE_MS)
    total, count = Decimal(0), 0
    for at_ms in range(EXPIRY_MS - 31 * MINUTE_MS + 5_000, EXPIRY_MS, 5_000):
        market.drift_to(at_ms // STEP_MS)
        if at_ms >= EXPIRY_MS - 30 * MINUTE_MS:
            total, count = total + market.indices()[BTC_USD], count + 1
    assert count == 360
    mean = market.index_mean(EXPIRY_MS - 30 * MINUTE_MS, EXPIRY_MS)
    assert abs(mean - total / count) <= Decimal("0.005")


def test_forward_of_what_expires_becomes_the_delivery_price() -> None:
    market = _market(EXPIRY_MS - 40 * MINUTE_MS)
    for minute in range(39, 0, -1):
        market.drift_to((EXPIRY_MS - minute * MINUTE_MS) // STEP_MS)
    market.drift_to((EXPIRY_MS - STEP_MS) // STEP_MS)
    market.post_all()
    shown = {q.instrument: q for q in market.quotes()}
    ending = next(n for n in shown if n.startswith("BTC-15JAN26-"))
    delivery = market.index_mean(EXPIRY_MS - 30 * MINUTE_MS, EXPIRY_MS)
    underlying = shown[ending].underlying
    assert underlying is not None
    assert abs(underlying - delivery) < Decimal("0.1")


def test_a_quote_follows_a_move_of_half_a_tick_one_step_later() -> None:
    market = _market(EXPIRY_MS - 12 * HOUR_MS)
    perpetual = next(q for q in market.quotes() if q.instrument == "BTC-PERPETUAL")
    market.drift_to((EXPIRY_MS - 12 * HOUR_MS) // STEP_MS + 10)  # moves by dollars, quotes by none
    stale = next(q for q in market.quotes() if q.instrument == "BTC-PERPETUAL")
    assert stale == perpetual
    quotes, _ = market.take_step()
    assert "BTC-PERPETUAL" in {q.instrument for q in quotes}


def test_a_storm_of_moves_is_answered_in_bounded_pieces() -> None:
    market = _market(EXPIRY_MS - 12 * HOUR_MS)
    # A day in one move shifts every mark; the books follow 60 a step, until all have.
    market.drift_to((EXPIRY_MS - 12 * HOUR_MS) // STEP_MS + 6 * 60 * MINUTE_STEPS)
    options = sum(i.strike is not None for i in market.instruments())
    answered: set[str] = set()
    for _ in range(options // 60 + 3):
        quotes, _ = market.take_step()
        in_options = [q.instrument for q in quotes if q.greeks is not None]
        assert len(in_options) <= 60
        answered.update(in_options)
    assert len(answered) > 0.8 * options
