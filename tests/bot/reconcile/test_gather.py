"""Reading the truth: every question named, in an order that can prove something [C-206, C-501]."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.core.effect import Gather
from bot.core.event import Gathered
from bot.domain.ids import Currency, IndexName, InstrumentName, Label
from bot.reconcile.gather import gather
from bot.venue.read import ReadPort
from bot.venue.reply import NoReply, Ok, Refused, Reply

LABEL = Label("bd-4f1c09aa-" + "a" * 48)
ASK = Gather(
    generation=7,
    epoch=3,
    labels=(LABEL,),
    currencies=(Currency("BTC"),),
    trades_from_ms=1_790_000_000_000,
)
OLD = replace(ASK, history_from_ms=1_789_000_000_000)
TIME = "public/get_time"
TRADES = "private/get_user_trades_by_currency"
OPEN = "private/get_open_orders_by_currency"
BY_LABEL = "private/get_order_state_by_label"
HISTORY = "private/get_order_history_by_currency"
POSITIONS = "private/get_positions"
ACCOUNT = "private/get_account_summary"

ORDER: dict[str, Any] = {
    "order_id": "o-1",
    "order_state": "open",
    "order_type": "limit",
    "instrument_name": "BTC-PERPETUAL",
    "direction": "buy",
    "amount": 100.0,
    "price": 60000.5,
    "creation_timestamp": 1790000000010,
    "last_update_timestamp": 1790000000010,
    "filled_amount": 0.0,
    "label": LABEL,
}
TRADE: dict[str, Any] = {
    "trade_id": "t-1",
    "instrument_name": "BTC-PERPETUAL",
    "timestamp": 1790000000020,
    "order_id": "o-1",
    "direction": "buy",
    "price": 60000.5,
    "amount": 10.0,
    "fee": 0.0,
    "fee_currency": "BTC",
    "liquidity": "M",
    "mark_price": 60000.0,
    "index_price": 60000.0,
    "label": LABEL,
}
USUAL: dict[str, Any] = {
    TIME: 1_790_000_000_500,
    TRADES: {"trades": [], "has_more": False},
    OPEN: [],
    BY_LABEL: [],
    HISTORY: [],
    POSITIONS: [],
    ACCOUNT: {
        "currency": "BTC",
        "equity": 10.0,
        "balance": 10.0,
        "margin_balance": 10.0,
        "available_funds": 10.0,
        "initial_margin": 0.0,
        "maintenance_margin": 0.0,
        "delta_total": 0.0,
        "session_upl": 0.0,
        "session_rpl": 0.0,
    },
}


class Venue:
    """The link seam: answers each method as told, and keeps what was asked."""

    def __init__(self) -> None:
        """Answer as usual until told otherwise."""
        self.asked: list[tuple[str, Mapping[str, object]]] = []
        self.answers: dict[str, list[Any]] = {}

    async def __call__(
        self,
        method: str,
        params: Mapping[str, object],
        *,
        deadline_s: float,
        is_exit: bool = False,
    ) -> Reply:
        """Answer one read; reads spend no credits of the exits."""
        assert deadline_s > 0
        assert not is_exit
        self.asked.append((method, params))
        told = self.answers.get(method)
        answer = told.pop(0) if told else USUAL[method]
        if isinstance(answer, NoReply | Refused):
            return answer
        return Ok(result=json.dumps(answer).encode(), us_in=None, us_out=None)


async def gathered(ask: Gather = ASK, **answers: list[Any]) -> tuple[Gathered, Venue]:
    """Run one reconciliation against these answers."""
    venue = Venue()
    venue.answers = {NAMES[name]: told for name, told in answers.items()}
    return await gather(ReadPort(call=venue), ask), venue


NAMES = {
    "time": TIME,
    "trades": TRADES,
    "open_orders": OPEN,
    "by_label": BY_LABEL,
    "history": HISTORY,
    "positions": POSITIONS,
    "account": ACCOUNT,
}


@pytest.mark.trio
@pytest.mark.rule("C-206")
async def test_the_venue_s_clock_is_read_before_every_look_up() -> None:
    news, venue = await gathered()
    methods = [method for method, _ in venue.asked]
    assert methods == [TIME, TRADES, OPEN, BY_LABEL, HISTORY, POSITIONS, TRADES, ACCOUNT]
    assert news.began_ms == 1_790_000_000_500
    assert (news.generation, news.epoch) == (7, 3)
    assert news.failures == ()
    assert news.by_label == {LABEL: ()}, "a negative answer is an answer"


@pytest.mark.trio
@pytest.mark.rule("C-206")
async def test_history_is_read_with_unfilled_orders_and_trades_from_where_they_were_proven() -> (
    None
):
    _, venue = await gathered()
    asked = dict(venue.asked)
    assert asked[HISTORY]["include_unfilled"] is True
    assert asked[TRADES]["start_timestamp"] == ASK.trades_from_ms
    assert asked[BY_LABEL] == {"currency": "BTC", "label": LABEL}


@pytest.mark.trio
@pytest.mark.rule("C-206")
@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize(
    "failure",
    [NoReply(why="cut"), Refused(code=10028, message="too_many_requests"), {"odd": "shape"}],
)
async def test_a_question_that_fails_is_named_and_never_an_empty_answer(
    name: str, failure: object
) -> None:
    news, _ = await gathered(**{name: [failure]})
    (why,) = news.failures
    assert why.startswith(
        {"by_label": f"label {LABEL}", "open_orders": "open orders"}.get(name, name)
    )
    if name == "by_label":
        assert LABEL not in news.by_label


@pytest.mark.trio
@pytest.mark.rule("C-209")
async def test_a_second_reading_of_trades_that_fails_is_a_failure_too() -> None:
    news, _ = await gathered(trades=[{"trades": [TRADE], "has_more": False}, NoReply(why="cut")])
    assert news.failures == ("trades: cut",)
    assert [fill.trade_id for fill in news.trades] == ["t-1"], "what was read is true all the same"


@pytest.mark.trio
@pytest.mark.rule("C-209")
async def test_a_trade_between_the_two_readings_is_found_and_one_in_both_is_one() -> None:
    later = TRADE | {"trade_id": "t-2", "timestamp": 1790000000030}
    news, _ = await gathered(
        trades=[
            {"trades": [TRADE], "has_more": False},
            {"trades": [TRADE, later], "has_more": False},
        ]
    )
    assert sorted(fill.trade_id for fill in news.trades) == ["t-1", "t-2"]


@pytest.mark.trio
@pytest.mark.rule("C-501")
async def test_everything_that_is_found_is_handed_over() -> None:
    row = {
        "instrument_name": "BTC-PERPETUAL",
        "direction": "buy",
        "size": 10.0,
        "mark_price": 60000.0,
        "delta": 0.0001,
        "average_price": 60000.5,
    }
    done = ORDER | {"order_id": "o-2", "order_state": "filled", "filled_amount": 100.0}
    news, _ = await gathered(
        open_orders=[[ORDER]], by_label=[[ORDER, done]], history=[[done]], positions=[[row]]
    )
    assert [order.order_id for order in news.open_orders] == ["o-1"]
    assert [order.order_id for order in news.by_label[LABEL]] == ["o-1", "o-2"], "all of a label"
    assert [order.order_id for order in news.history] == ["o-2"]
    assert news.positions == {InstrumentName("BTC-PERPETUAL"): Decimal(10)}
    assert [account.currency for account in news.accounts] == ["BTC"]


@pytest.mark.trio
@pytest.mark.rule("C-506")
async def test_after_a_failure_the_venue_is_asked_nothing_more() -> None:
    _, venue = await gathered(time=[NoReply(why="cut")])
    assert [method for method, _ in venue.asked] == [TIME]


@pytest.mark.trio
@pytest.mark.rule("C-209")
async def test_after_a_long_absence_both_views_are_read_and_joined_by_trade_id() -> None:
    old = TRADE | {"trade_id": "t-0", "timestamp": 1789000000020}
    recent = {"trades": [TRADE], "has_more": False}
    news, venue = await gathered(
        OLD, trades=[recent, {"trades": [old, TRADE], "has_more": False}, recent]
    )
    assert sorted(fill.trade_id for fill in news.trades) == ["t-0", "t-1"]
    assert news.has_history
    asked = [
        (params["historical"], params["start_timestamp"])
        for method, params in venue.asked
        if method == TRADES
    ]
    assert asked == [
        (False, 1_790_000_000_000),
        (True, 1_789_000_000_000),
        (False, 1_790_000_000_000),
    ]


@pytest.mark.trio
@pytest.mark.rule("C-209")
async def test_a_historical_view_that_does_not_answer_is_a_failure() -> None:
    recent = {"trades": [TRADE], "has_more": False}
    news, _ = await gathered(OLD, trades=[recent, NoReply(why="cut")])
    assert news.failures == ("trades of before: cut",)
    assert not news.has_history


PRICES = "public/get_delivery_prices"
DELIVERIES = "private/get_settlement_history_by_currency"
DAY = {"data": [{"date": "2026-01-02", "delivery_price": 60123.45}]}
ROW: dict[str, Any] = {
    "type": "delivery",
    "instrument_name": "BTC-2JAN26-60000-C",
    "position": -0.3,
}


@pytest.mark.trio
@pytest.mark.rule("C-510")
async def test_deliveries_are_read_when_something_held_has_expired() -> None:
    venue = Venue()
    venue.answers = {
        PRICES: [
            {"records_total": 1, "data": [{"date": "2026-01-02", "delivery_price": 60123.45}]}
        ],
        DELIVERIES: [{"settlements": [ROW, {**ROW, "type": "settlement", "position": 5.0}]}],
    }
    ask = replace(ASK, expired=(IndexName("btc_usd"),))
    news = await gather(ReadPort(call=venue), ask)
    assert news.failures == ()
    assert news.delivery_prices == {"btc_usd": {"2026-01-02": Decimal("60123.45")}}
    assert news.delivered == {"BTC-2JAN26-60000-C": Decimal("-0.3")}
    assert (await gathered())[0].delivered == {}


@pytest.mark.trio
@pytest.mark.rule("C-510")
@pytest.mark.parametrize(
    ("method", "answer"),
    [
        (PRICES, {"data": [{"date": "2026-01-02", "delivery_price": 0}]}),
        (PRICES, {"data": [{"date": "2026-01-02"}]}),
        (DELIVERIES, {"settlements": [{**ROW, "position": "much"}]}),
        (DELIVERIES, NoReply(why="timeout")),
    ],
)
async def test_a_delivery_that_cannot_be_read_is_a_failure(method: str, answer: Any) -> None:
    venue = Venue()
    venue.answers = {
        PRICES: [DAY],
        DELIVERIES: [{"settlements": [ROW]}],
        method: [answer],
    }
    ask = replace(ASK, expired=(IndexName("btc_usd"),))
    news = await gather(ReadPort(call=venue), ask)
    assert len(news.failures) == 1
