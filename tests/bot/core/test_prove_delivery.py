"""Expiry is planned: a position that ends so is booked once, and only as what it was [C-510]."""

from decimal import Decimal
from typing import Any

import pytest

from bot.core.effect import Gather
from bot.core.event import Connected, Disconnected, InstrumentsRead, Reported, Subscribed
from bot.core.record import Anomaly, Delivered, ModeCauseRaised, ProofMade
from bot.domain.mode import Mode
from bot.domain.order import OrderState, Role
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.domain.verdict import Verdict
from tests.bot.core.desk import Desk, ready, restarted
from tests.bot.core.market import BTC, CALL, EXPIRY_MS, INDEX, PERPETUAL
from tests.bot.core.stranger import decide, foreign_fill, prove, rearm
from tests.bot.core.words import place, report_of

DAY = "2026-06-26"
PRICES = {INDEX: {DAY: Decimal(61_000)}}
SHORT = {CALL.name: Decimal("-0.3")}


def expired(*, after_ms: int = 1_000) -> Desk:
    """A desk that is short a call which has expired a moment ago; the venue shows nothing held."""
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    desk.wait(EXPIRY_MS + after_ms - desk.now_ms)
    desk.quote()
    desk.positions = {}
    return desk


def compare(desk: Desk, **parts: Any) -> None:
    desk.reconcile(has_history=True, **parts)


def deliveries(desk: Desk) -> list[Delivered]:
    return [record for record in desk.records if isinstance(record, Delivered)]


@pytest.mark.rule("C-510")
def test_what_was_delivered_as_we_held_it_is_booked_once() -> None:
    desk = expired()
    for _ in range(3):
        compare(desk, delivery_prices=PRICES, delivered=SHORT)
    (delivered,) = deliveries(desk)
    assert (delivered.instrument.name, delivered.delivery_price) == (CALL.name, 61_000)
    assert desk.state.durable.positions[CALL.name].quantity == 0
    assert desk.state.recon.differences == ()
    assert desk.state.durable.mode is Mode.ACTIVE
    assert [r for r in desk.records if isinstance(r, ProofMade)][-1].is_good


@pytest.mark.rule("C-510")
def test_prices_and_deliveries_are_asked_for_only_while_something_expired_is_held() -> None:
    desk = expired()
    compare(desk, delivery_prices=PRICES, delivered=SHORT)
    compare(desk)
    asked = [effect.expired for effect in desk.effects if isinstance(effect, Gather)]
    assert asked[0] == ()
    assert (INDEX,) in asked
    assert asked[-1] == ()


@pytest.mark.rule("C-209")
@pytest.mark.rule("C-510")
@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"delivery_prices": PRICES},
        {"delivered": SHORT},
        {"delivery_prices": PRICES, "delivered": {CALL.name: Decimal("-0.4")}},
        {"delivery_prices": PRICES, "delivered": {CALL.name: Decimal("0.3")}},
        {"delivery_prices": PRICES, "delivered": SHORT, "positions": SHORT},
        {"delivery_prices": PRICES, "delivered": SHORT, "failures": ("account: timeout",)},
    ],
)
def test_nothing_is_booked_unless_price_position_and_venue_agree(parts: dict[str, Any]) -> None:
    desk = expired()
    compare(desk, **parts)
    assert deliveries(desk) == []
    assert desk.state.durable.positions[CALL.name].quantity == Decimal("-0.3")


@pytest.mark.rule("C-504")
@pytest.mark.rule("C-510")
def test_a_delivery_that_is_not_told_is_a_mismatch_after_a_quarter_of_an_hour() -> None:
    desk = expired()
    for _ in range(10):
        compare(desk)
    assert desk.state.recon.mismatches == 0
    assert not desk.state.proofs.is_open
    late = expired(after_ms=15 * 60_000)
    for _ in range(3):
        compare(late)
    assert late.state.recon.mismatches == 3
    assert late.state.durable.mode is Mode.REDUCE_ONLY


def faults(desk: Desk) -> list[str]:
    """Name what was called a fault since the desk began."""
    return [
        record.reason.value if isinstance(record, ModeCauseRaised) else record.code
        for record in desk.records
        if isinstance(record, ModeCauseRaised | Anomaly)
    ]


def hedged() -> Desk:
    """A desk that is short a call and holds the future against it, a second before the expiry."""
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    buy = place(PERPETUAL, Side.BUY, "60000", "60000.5", is_exit=True)
    hedge = desk.rest_one(buy, order_id="h")
    desk.fill(hedge, f"{hedge.intent.amount:f}", order_id="h", trade="h-1")
    desk.wait(EXPIRY_MS - 1_000 - desk.now_ms)
    desk.quote()
    desk.tick()
    return desk


@pytest.mark.rule("C-510")
def test_an_engine_that_is_up_waits_for_the_delivery_and_calls_nothing_a_fault() -> None:
    desk = hedged()
    desk.positions.pop(CALL.name)
    for _ in range(6):  # for minutes the venue has not told what became of it
        desk.wait(60_000)
        desk.quote()
        compare(desk)
    (shut,) = [c for c in desk.state.proofs.causes if c.proof == "reconciled"]
    assert shut.reason is Reason.EXPIRY_WINDOW
    compare(desk, positions={})  # for a moment the future's trade is told on one side only
    (shut,) = [c for c in desk.state.proofs.causes if c.proof == "reconciled"]
    assert shut.reason is Reason.NOT_RECONCILED
    compare(desk)
    desk.feed(Disconnected(1, "reset"))
    desk.feed(Connected(2))
    desk.feed(InstrumentsRead(BTC, (PERPETUAL,)))  # the expired one is listed no more
    desk.feed(Subscribed(2, ()))
    desk.quote()
    desk.tick()
    desk.gather(has_history=True)
    desk.wait(1_000)
    compare(desk, delivery_prices=PRICES, delivered=SHORT)
    assert faults(desk) == []
    assert len(deliveries(desk)) == 1
    assert desk.state.recon.differences == ()


@pytest.mark.rule("C-510")
def test_a_hedge_that_outlives_its_option_is_unwound_through_the_ordinary_door() -> None:
    desk = hedged()
    desk.positions.pop(CALL.name)
    desk.wait(10 * 60_000)
    desk.quote()
    compare(desk, delivery_prices=PRICES, delivered=SHORT)
    held = desk.state.durable.positions[PERPETUAL.name].quantity
    assert held > 0
    wish = place(PERPETUAL, Side.SELL, f"{held:f}", "60000.0", is_exit=True)
    order = desk.open_one(wish)
    assert (order.intent.role, order.intent.amount) == (Role.CLOSE, held)
    assert faults(desk) == []


@pytest.mark.rule("C-510")
@pytest.mark.parametrize("hours", [0, 3, 72])
def test_an_engine_that_was_down_reads_the_delivery_when_it_comes_back(hours: int) -> None:
    old = hedged()
    old.positions.pop(CALL.name)
    old.wait(2_000 + hours * 3_600_000)
    desk = restarted(old)
    desk.feed(Connected(1))
    desk.feed(InstrumentsRead(BTC, (PERPETUAL,)))
    desk.quote()
    desk.tick()
    desk.feed(Subscribed(1, ()))
    assert desk.asked().expired == (INDEX,)
    desk.gather(has_history=True, delivery_prices=PRICES, delivered=SHORT)
    assert len(deliveries(desk)) == 1
    assert desk.state.recon.differences == ()
    assert desk.state.recon.proven_epoch == 1
    assert faults(desk) == []
    again = restarted(desk)
    assert again.state.durable.positions[CALL.name].quantity == 0


@pytest.mark.rule("C-510")
def test_an_engine_that_comes_back_within_the_window_waits_like_one_that_was_up() -> None:
    old = hedged()
    old.wait(1_500)
    desk = restarted(old)
    desk.connect()
    desk.gather(has_history=True)  # half a second after: the venue still shows it
    assert desk.state.recon.differences == ()
    desk.positions.pop(CALL.name)
    for _ in range(4):
        compare(desk)
    compare(desk, delivery_prices=PRICES, delivered=SHORT)
    assert len(deliveries(desk)) == 1
    assert faults(desk) == []


@pytest.mark.rule("C-503")
@pytest.mark.rule("C-510")
@pytest.mark.parametrize("is_told", [True, False])
def test_an_order_on_what_has_expired_ends_by_the_venue_s_word_or_by_proof(is_told: bool) -> None:
    desk = ready()
    order = desk.rest_one(place(price="0.0130"))
    desk.wait(EXPIRY_MS + 1_000 - desk.now_ms)
    desk.quote()
    if is_told:
        gone = report_of(order, state=OrderState.CANCELLED, cancel_reason="settlement")
        desk.feed(Reported(gone))
    else:
        desk.wait(20_000)
        desk.quote()
        compare(desk)
    assert desk.phase(order) == "CANCELLED"
    assert faults(desk) == []


@pytest.mark.rule("C-510")
def test_the_future_that_an_option_passes_through_is_no_mismatch() -> None:
    desk = expired()
    future = {"BTC-26JUN26": Decimal(-18_000)}
    for _ in range(5):
        compare(desk, positions=future)
    assert desk.state.recon.mismatches == 0
    compare(desk, delivery_prices=PRICES, delivered=SHORT)
    assert faults(desk) == []
    for _ in range(3):
        compare(desk, positions=future)
    assert Reason.POSITION_MISMATCH in desk.state.durable.causes, "nothing is being delivered"


@pytest.mark.rule("C-509")
@pytest.mark.rule("C-510")
def test_what_a_stranger_held_beside_us_is_delivered_with_ours() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.3")
    foreign_fill(desk, Side.SELL, "0.4", trade="f-1")
    prove(desk)
    rearm(desk)
    decide(desk, Verdict.IGNORE, CALL.name, f"-0.4 {CALL.name}")
    desk.wait(EXPIRY_MS + 1_000 - desk.now_ms)
    desk.quote()
    desk.positions = {}
    compare(desk, delivery_prices=PRICES, delivered=SHORT)
    assert deliveries(desk) == [], "0.7 were held, 0.3 of them ours"
    compare(desk, delivery_prices=PRICES, delivered={CALL.name: Decimal("-0.7")})
    assert len(deliveries(desk)) == 1
    assert desk.state.durable.foreign.apart == {}
    assert desk.state.recon.differences == ()
