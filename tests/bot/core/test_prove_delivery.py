"""Expiry is planned: a position that ends so is booked once, and only as what it was [C-510]."""

from decimal import Decimal
from typing import Any

import pytest

from bot.core.effect import Gather
from bot.core.record import Delivered, ProofMade
from bot.domain.mode import Mode
from bot.domain.side import Side
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import CALL, EXPIRY_MS, INDEX

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
