"""From a wish to a record: worst case counted, refusals kept, nothing silent [C-108 to C-116]."""

import hashlib
import json
from decimal import Decimal

import msgspec
import pytest

from bot.core.effect import Commit
from bot.core.event import ClockSampled, Disconnected, InstrumentsRead, Reported
from bot.core.outcome import Ambiguous
from bot.core.record import IntentRecorded, Refused
from bot.domain.money import Amount, Price
from bot.domain.order import Role
from bot.domain.reason import Reason
from bot.domain.report import BookSnapshot, Level, Ticker
from bot.domain.side import Side
from bot.strategy.interface import Params, Proposal, View
from tests.bot.core.desk import POLICY, Desk, ready, restarted
from tests.bot.core.market import BTC, CALL, PERPETUAL, PUT, quotes
from tests.bot.core.words import place


def refused(desk: Desk) -> list[str]:
    """Name what the last refusal was for."""
    records = [r for r in desk.records if isinstance(r, Refused)]
    return [code for code, _, _ in records[-1].refusals]


@pytest.mark.rule("C-108")
def test_an_order_in_doubt_takes_its_size_from_the_next_exit() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "1")
    first = desk.open_one(place(CALL, Side.BUY, "0.4", "0.0130", is_exit=True))
    desk.answer_order(first, Ambiguous("silence"))
    second = desk.open_one(place(CALL, Side.BUY, "1", "0.0130", is_exit=True))
    assert (second.intent.role, second.intent.amount) == (Role.REDUCE, Decimal("0.6"))
    desk.answer_order(second, Ambiguous("silence"))
    before = len(desk.sent())
    desk.tick(place(CALL, Side.BUY, "1", "0.0130", is_exit=True))
    assert len(desk.sent()) == before
    assert refused(desk) == ["NOTHING_TO_EXIT"]


@pytest.mark.rule("C-114")
@pytest.mark.parametrize("is_restarted", [False, True])
def test_orders_in_doubt_count_against_the_limits_as_if_filled(is_restarted: bool) -> None:
    # gross_options_max is 40 coins, short_per_expiry_max 10: five times two are in doubt.
    desk = ready()
    assert (POLICY.per_order.amount_max, POLICY.portfolio.short_per_expiry_max) == (2, 10)
    for number in range(5):
        desk.wait(300)
        order = desk.open_one(place([CALL, PUT][number % 2], amount="2", price="0.0120"))
        if not is_restarted:
            desk.answer_order(order, Ambiguous("silence"))
    if is_restarted:
        desk = restarted(desk)
        desk.wait(200)
        desk.connect()
        desk.gather()
    before = len(desk.sent())
    desk.wait(1_000)
    desk.quote()
    desk.tick(place(amount="0.1"))
    assert len(desk.sent()) == before
    assert "SHORT_OPTIONS_EXPIRY" in refused(desk)


@pytest.mark.rule("C-114")
def test_two_wishes_of_one_decision_see_each_other() -> None:
    desk = ready()
    wish = place(amount="2", price="0.0120")
    desk.quote()
    desk.tick(*(place(amount="2", price="0.0120", leg=n) for n in range(8)))
    assert wish.amount * len(desk.sent()) <= POLICY.portfolio.short_per_expiry_max
    assert len({order.label for order in desk.sent()}) == len(desk.sent()) > 1


@pytest.mark.rule("C-114")
@pytest.mark.parametrize(("amount", "is_sent"), [("119000", True), ("121000", False)])
def test_an_order_counts_against_the_limits_before_it_is_sent(amount: str, is_sent: bool) -> None:
    # delta_max is 2 coins, which are 120 000 USD at 60 000.
    desk = ready()
    desk.quote()
    desk.tick(place(PERPETUAL, Side.BUY, amount, "60000.5"))
    assert bool(desk.sent()) is is_sent
    if not is_sent:
        assert refused(desk) == ["DELTA_LIMIT"]
        return
    desk.say_ack(desk.sent()[0])
    desk.tick(place(PERPETUAL, Side.BUY, "2000", "60000.5"))
    assert refused(desk) == ["DELTA_LIMIT"]


@pytest.mark.rule("C-205")
def test_an_order_in_doubt_counts_in_delta_as_if_it_had_filled() -> None:
    desk = ready()
    order = desk.open_one(place(PERPETUAL, Side.BUY, "119000", "60000.5"))
    desk.answer_order(order, Ambiguous("silence"))
    assert desk.state.proofs.is_open, "doubt of a moment shuts nothing, but it counts"
    desk.tick(place(PERPETUAL, Side.BUY, "2000", "60000.5"))
    assert len(desk.sent()) == 1
    assert refused(desk) == ["DELTA_LIMIT"]


@pytest.mark.rule("C-116")
def test_a_pending_open_in_an_instrument_that_vanished_leaves_margin_unknown() -> None:
    desk = ready()
    desk.rest_one(place(PUT, amount="0.1", price="0.0110"))
    desk.feed(InstrumentsRead(BTC, (PERPETUAL, CALL)))
    before = len(desk.sent())
    desk.quote()
    desk.tick(place())
    assert len(desk.sent()) == before
    assert "MARGIN_WHAT_IF" in refused(desk)


@pytest.mark.rule("C-110")
def test_all_refusals_are_kept_and_the_first_decides() -> None:
    desk = ready()
    desk.feed(Disconnected(1, "reset"))
    desk.connect(epoch=2)
    desk.quote()
    desk.tick(place(price="0.1000"))
    assert refused(desk) == ["LATCH_SHUT", "MARK_DISTANCE"]


@pytest.mark.rule("C-704")
def test_the_same_refusal_is_written_once_a_minute_and_not_at_every_tick() -> None:
    desk = ready()
    for _ in range(100):
        desk.wait(1_000)
        desk.quote()
        desk.tick(place(price="0.1000"))
    assert desk.state.counters.refusals == 100
    assert sum(isinstance(record, Refused) for record in desk.records) == 2


@pytest.mark.rule("C-701")
def test_capsule_and_snapshot_are_named_by_the_hash_of_their_content() -> None:
    desk = ready()
    desk.open_one()
    entry = next(
        entry
        for effect in desk.effects
        if isinstance(effect, Commit)
        for entry in effect.entries
        if isinstance(entry.record, IntentRecorded)
    )
    for body in entry.bodies:
        assert body.hash == hashlib.sha256(body.content).hexdigest()
    capsule = json.loads(entry.bodies[1].content)
    assert capsule["snapshot"] == entry.record.snapshot
    assert capsule["intent"]["price"] == "0.0120"
    assert (capsule["mode"], capsule["latch_is_open"]) == ("ACTIVE", True)
    assert capsule["policy_hash"] == "p" * 64
    assert all(answer is None for _, answer in capsule["gates"])
    snapshot = json.loads(entry.bodies[0].content)
    assert snapshot["book"]["bids"] == [["0.0120", "25"]]
    # 0.0003 a coin, and 12.5 % of 0.0120 does not bite: 0.1 · 0.0003
    expected = {k: Decimal(str(v)) for k, v in capsule["expected"].items()}
    assert expected == {
        "mid": Decimal("0.0125"),
        "mark": Decimal("0.0125"),
        "mark_iv": Decimal("0.6"),
        "fee": Decimal("0.00003"),
    }


@pytest.mark.rule("C-109")
def test_a_pending_hedge_is_counted_before_the_next_is_called_one() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "1")
    wish = place(PERPETUAL, Side.BUY, "60000", "60000.5", is_exit=True)
    first = desk.open_one(wish)
    assert first.intent.role is Role.HEDGE
    before = len(desk.sent())
    desk.quote()
    desk.tick(wish)
    assert len(desk.sent()) == before, "the first may fill wholly: a second could overshoot"


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(("bid", "code"), [("0.0120", None), ("0.0125", Reason.BOOK_STALE.value)])
def test_a_book_is_as_fresh_as_the_ticker_that_shows_its_top(bid: str, code: str | None) -> None:
    desk = ready()
    for _ in range(10):
        desk.wait(1_000)
        for report in quotes(desk.now_ms):
            if isinstance(report, Ticker) and report.instrument == CALL.name:
                top = Level(Price(Decimal(bid)), Amount(Decimal(25)))
                desk.feed(Reported(msgspec.structs.replace(report, bid=top)))
            elif not isinstance(report, BookSnapshot):
                desk.feed(Reported(report))
        desk.feed(Reported(desk.account))
        desk.feed(ClockSampled(offset_ms=0, bound_ms=5))
    desk.tick(place())
    codes = [r.refusals[0][0] for r in desk.records if isinstance(r, Refused)]
    assert codes == ([code] if code else [])
    assert len(desk.sent()) == (0 if code else 1)


@pytest.mark.rule("C-709")
def test_a_strategy_is_shown_the_ticker_once_it_has_left_the_book_behind() -> None:
    seen: list[View] = []

    def look(view: View, _params: Params) -> tuple[Proposal, ...]:
        seen.append(view)
        return ()

    desk = ready(decide=look)
    ticker = desk.state.market.tickers[CALL.name]
    for bid in ("0.0120", "0.0100"):
        top = Level(Price(Decimal(bid)), Amount(Decimal(25)))
        desk.wait(100)
        desk.feed(Reported(msgspec.structs.replace(ticker, bid=top)))
        desk.tick()
        assert seen[-1].quotes[CALL.name].bid == top
