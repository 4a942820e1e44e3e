"""What the gates are told of margin is the dearest reading of what is known [C-116]."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from bot.core.event import Reported
from bot.core.facts import facts_of
from bot.core.risk import risk_of
from bot.domain.instrument import Instrument
from bot.domain.money import Price
from bot.domain.report import Ticker
from bot.domain.side import Side
from bot.intent.intent import OrderIntent
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import BTC, CALL, PERPETUAL, account, quotes
from tests.bot.core.stranger import foreign_fill
from tests.bot.core.words import place


def tied(desk: Desk, intent: OrderIntent, instrument: Instrument) -> Decimal:
    """Margin after this order, of an account that has none."""
    facts = facts_of(desk.state, intent, instrument, risk=risk_of(desk.state, BTC))
    assert facts.margin_after is not None
    return facts.margin_after


def sold_call(desk: Desk) -> OrderIntent:
    return desk.open_one(place(CALL, Side.SELL, "0.1", "0.0120")).intent


@pytest.mark.rule("C-116")
def test_the_forward_counts_where_it_is_dearer_than_the_index() -> None:
    desk = ready()
    intent = sold_call(desk)
    # 70000 at an index of 60000: 0.1667 away, IM 0.10. At a forward of 68000: 0.0294, IM 0.1206.
    (ticker,) = [
        q for q in quotes(desk.now_ms) if isinstance(q, Ticker) and q.instrument == CALL.name
    ]
    near = msgspec.structs.replace(ticker, underlying=Price(Decimal(68_000)))
    before = tied(desk, intent, CALL)
    desk.feed(Reported(near))
    after = tied(desk, intent, CALL)
    # It counts twice: as the order to be judged, and as one of the state's own.
    more = (Decimal("0.15") - Decimal(2_000) / Decimal(68_000) - Decimal("0.10")) / 10
    assert after - before == pytest.approx(2 * more, abs=Decimal("1e-9"))


@pytest.mark.rule("C-116")
def test_a_future_is_margined_with_all_that_is_in_the_account() -> None:
    desk = ready()
    order = desk.open_one(place(PERPETUAL, Side.BUY, "60000", "60000.5"))
    alone = tied(desk, order.intent, PERPETUAL)
    foreign_fill(desk, Side.SELL, "600000", trade="f-1", of=PERPETUAL, price="60000")
    beside = tied(desk, order.intent, PERPETUAL)
    # 10 coins beside 1 and 1: 0.005 % of 2·10·1 more, for each of the two.
    assert beside - alone == pytest.approx(2 * Decimal("0.001"), rel=Decimal("0.001"))


@pytest.mark.rule("C-116")
@pytest.mark.parametrize("said", [True, False])
def test_how_the_account_is_margined_is_kept_where_a_report_does_not_say_it(said: bool) -> None:
    desk = ready()
    told: Any = msgspec.structs.replace(account(), is_portfolio_margined=said)
    desk.feed(Reported(told))
    desk.feed(Reported(account()))
    assert desk.state.accounts[BTC][0].is_portfolio_margined is said
    desk.account = account()
    desk.reconcile()
    assert desk.state.accounts[BTC][0].is_portfolio_margined is said
