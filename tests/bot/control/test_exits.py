"""The plan of a flatten as its owner reads it: exact orders, and what they cost at most [C-403]."""

import pytest

from bot.control.exits import flatten_plan
from bot.core.flatten import plan_of
from bot.domain.side import Side
from tests.bot.core.desk import Desk, ready, restarted
from tests.bot.core.market import CALL, PERPETUAL, PUT

pytestmark = pytest.mark.rule("C-403")


def held() -> Desk:
    """Hold a short put and a long hedge."""
    desk = ready()
    desk.hold(PUT, Side.SELL, "0.2")
    desk.hold(PERPETUAL, Side.BUY, "500", trade="t-2")
    desk.quote()
    return desk


def test_each_exit_has_the_price_of_each_step_and_its_cost_against_the_mark() -> None:
    plan = flatten_plan(held().state)
    put, hedge = plan.exits
    assert (put.instrument, put.side, put.amount) == (PUT.name, "buy", "0.2")
    # ask 0.0120, spread 0.0010: +0, 1 tick, ¼, ½, 1, 2, each up to the tick of 0.0005
    assert put.prices == ("0.012", "0.0125", "0.0125", "0.0125", "0.013", "0.014")
    # 0.2 × (0.0140 − 0.0115)
    assert (put.mark, put.cost, put.currency) == ("0.0115", "0.0005", "BTC")
    # bid 60000 less 10, 25, 50 basis points of the mark, down to the tick of 0.5
    assert hedge.prices == ("59939.5", "59849.5", "59699.5")
    # 500/59699.5 − 500/60000.25: coins more to be paid out than at the mark
    assert (hedge.side, hedge.cost) == ("sell", "0.00004198")
    assert put.refused is hedge.refused is None


def test_the_hash_is_the_one_that_the_core_is_bound_to() -> None:
    desk = held()
    before = desk.state
    assert flatten_plan(desk.state).hash == plan_of(desk.state).hash
    assert desk.state is before


def test_an_exit_that_would_not_go_out_says_why_and_costs_nothing_known() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    [row] = flatten_plan(restarted(desk).state).exits  # which has not heard of the market yet
    assert (row.instrument, row.side, row.amount) == (CALL.name, "buy", "0.3")
    assert row.refused == "no price is known"
    assert (row.prices, row.mark, row.cost) == ((), None, None)


def test_with_nothing_held_the_plan_is_empty() -> None:
    assert flatten_plan(ready().state).exits == ()
