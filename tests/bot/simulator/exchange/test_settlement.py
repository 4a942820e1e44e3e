"""08:00 UTC: deliveries, session gains, funding, and what happens to orders."""

from decimal import Decimal

import pytest

from bot.domain.instant import HOUR_MS
from bot.simulator.exchange.expiry import next_settlement, settlement_before, settlement_period
from tests.bot.simulator.stage import (
    CALL,
    DAILY,
    DECEMBER_MS,
    PERPETUAL,
    START_MS,
    TOMORROW_MS,
    Stage,
    instrument,
)

D = Decimal
EIGHT_MS = START_MS + 8 * HOUR_MS


def balance(stage: Stage, role: str = "trade") -> Decimal:
    return D(stage.call("private/get_account_summary", role=role, currency="BTC")["balance"])


def go_to(stage: Stage, at_ms: int) -> None:
    stage.tick(ms=at_ms - stage.clock_ms)


def test_days_weeks_and_months_are_told_apart_by_their_date() -> None:
    friday = DECEMBER_MS - 7 * 24 * HOUR_MS
    assert settlement_period(instrument(CALL)) == "month"
    assert settlement_period(instrument(DAILY)) == "day"
    assert settlement_period(instrument(CALL, expiry_ms=friday)) == "week"
    assert settlement_period(instrument(PERPETUAL)) == "perpetual"
    assert settlement_before(EIGHT_MS) == EIGHT_MS
    assert next_settlement(EIGHT_MS - 1) == EIGHT_MS


def test_a_future_s_session_gain_becomes_cash_and_the_average_stays(stage: Stage) -> None:
    stage.order("buy", amount=1000, price=60000)  # fee 1000/60000 × 0.0005 = 8.33e-6, up
    assert balance(stage) == D("9.99999166")
    stage.feed.quote(PERPETUAL, bids="62500 x 10", asks="62500.5 x 10", mark="62500")
    stage.tick()
    before = stage.call("private/get_account_summary", currency="BTC")
    # 1000/60000 − 1000/62500 = 0.00066667
    assert D(before["session_upl"]) == D("0.00066667")
    assert D(before["equity"]) == D("9.99999166") + D("0.00066667")
    go_to(stage, EIGHT_MS)
    after = stage.call("private/get_account_summary", currency="BTC")
    assert D(after["balance"]) == D("9.99999166") + D("0.00066667")
    assert D(after["session_upl"]) == D(after["session_rpl"]) == 0
    (position,) = stage.call("private/get_positions", currency="BTC")
    assert D(position["average_price"]) == 60000
    assert D(position["settlement_price"]) == 62500
    history = stage.call("private/get_settlement_history_by_currency", currency="BTC")
    assert [(row["type"], D(row["profit_loss"])) for row in history["settlements"]] == [
        ("settlement", D("0.00066667"))
    ]


# One call K 60000, delivery 63000: 1/21 coin each; a daily option delivers free.
def test_an_option_in_the_money_is_paid_and_vanishes(stage: Stage) -> None:
    stage.order("buy", DAILY, amount=2, price="0.05", role="other")
    stage.order("sell", DAILY, amount=2, price="0.0495")  # takes other's bid at 0.05
    resting = stage.order("sell", DAILY, amount=1, price="0.06")
    # premium 2 × 0.05 received, fee 2 × 0.0003
    assert balance(stage) == D("10") + D("0.1") - D("0.0006")
    go_to(stage, TOMORROW_MS)
    assert balance(stage) == D("10.0994") - D("0.0952381")
    assert balance(stage, "other") == D("10") - D("0.1") - D("0.0006") + D("0.0952381")
    assert stage.call("private/get_positions", currency="BTC") == []
    gone = stage.call("private/get_order_state", order_id=resting["order_id"])
    assert (gone["order_state"], gone["cancel_reason"]) == ("cancelled", "settlement")
    listed = stage.call("public/get_instruments", currency="BTC", role="")
    assert DAILY not in {row["instrument_name"] for row in listed}
    assert stage.order("buy", DAILY, amount=1, price="0.05")["code"] == 13019
    prices = stage.call("public/get_delivery_prices", index_name="btc_usd", role="")
    assert prices["data"][0] == {"date": "2026-11-26", "delivery_price": 63000}


def test_a_monthly_option_pays_its_delivery_fee(stage: Stage) -> None:
    stage.order("sell", CALL, amount=1, price="0.0495")
    before = balance(stage)
    go_to(stage, DECEMBER_MS)
    assert balance(stage) == before - D("0.04761905") - D("0.00015")


def test_out_of_the_money_nothing_is_paid(stage: Stage) -> None:
    stage.feed.delivery = D(57_000)
    stage.order("buy", CALL, amount="2.5", price="0.0505")
    before = balance(stage)
    go_to(stage, DECEMBER_MS)
    assert balance(stage) == before


def test_books_pause_for_the_settlement_and_day_orders_end(stage: Stage) -> None:
    day = stage.order("buy", amount=10, price=59990, time_in_force="good_til_day")
    lasting = stage.order("buy", amount=10, price=59990)
    go_to(stage, EIGHT_MS + 100)
    assert stage.order("buy", amount=10, price=59990)["code"] == 10041
    assert stage.call("private/cancel", order_id=lasting["order_id"])["code"] == 10041
    gone = stage.call("private/get_order_state", order_id=day["order_id"])
    assert (gone["order_state"], gone["cancel_reason"]) == ("cancelled", "settlement")
    stage.tick(ms=2_000)
    assert [o["order_id"] for o in stage.call("private/get_open_orders")] == [lasting["order_id"]]
    assert stage.order("buy", amount=10, price=59990)["order_state"] == "open"


@pytest.mark.parametrize(("rate", "cash"), [(0.00025, "-0.00025"), (-0.005, "0.005"), (0, "0")])
def test_funding_of_eight_hours_is_paid_at_settlement(stage: Stage, rate: float, cash: str) -> None:
    stage.feed.quote(PERPETUAL, bids="59999.5 x 10", asks="60000 x 60000", mark="60000")
    stage.tick()
    stage.order("buy", amount=60_000, price=60000)
    before = balance(stage)
    stage.feed.funding = rate
    stage.feed.quote(PERPETUAL, bids="59999.5 x 10", asks="60000 x 10", mark="60000")
    # Up to 08:00 tomorrow but settled today: only the span since the market last moved counts.
    go_to(stage, stage.clock_ms + 1)
    begin_ms = stage.clock_ms
    go_to(stage, EIGHT_MS)
    share = D(EIGHT_MS - begin_ms + 1) / D(8 * HOUR_MS)
    paid = balance(stage) - before
    assert abs(paid - D(cash) * share) <= D("1e-8")
