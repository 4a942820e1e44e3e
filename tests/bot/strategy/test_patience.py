"""Mid first, then to the touch over three steps (DOMAIN §9.1)."""

from decimal import Decimal
from typing import Any

import pytest

from bot.domain.ids import InstrumentName
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.strategy.interface import Place, View
from bot.strategy.patience import leave, stale, stepped_price
from tests.bot.strategy.scene import CALL, NOW_MS, PUT, group, held, quote, resting, view


@pytest.mark.parametrize(
    ("attempt", "sell", "buy"),
    [
        (0, "0.0150", "0.0150"),
        (1, "0.0145", "0.0155"),
        (2, "0.0140", "0.0160"),
        (3, "0.0135", "0.0165"),
        (9, "0.0135", "0.0165"),
    ],
)
def test_each_attempt_asks_for_a_third_less(attempt: int, sell: str, buy: str) -> None:
    wide = quote(bid="0.0135", ask="0.0165")
    for side, expected in ((Side.SELL, sell), (Side.BUY, buy)):
        price = stepped_price(wide, side=side, attempt=attempt, steps=3)
        assert price is not None
        assert round(price, 12) == Decimal(expected)


@pytest.mark.parametrize(("bid", "ask"), [(None, "0.0165"), ("0.0135", None), (None, None)])
def test_without_a_mid_there_is_no_patient_price(bid: str | None, ask: str | None) -> None:
    assert stepped_price(quote(bid=bid, ask=ask), side=Side.SELL, attempt=0, steps=3) is None


HELD = {CALL: held("-0.3")}


def asked(seen: View, name: InstrumentName = CALL) -> Place | None:
    return leave(seen, name, leg=0, steps=3, step_s=20, why="enough")


@pytest.mark.parametrize(("quantity", "side"), [("-0.3", Side.BUY), ("0.3", Side.SELL)])
def test_leaving_trades_all_that_is_held_the_other_way(quantity: str, side: Side) -> None:
    assert asked(view(held={CALL: held(quantity)})) == Place(
        instrument=CALL,
        side=side,
        amount=Amount(Decimal("0.3")),
        price=Price(Decimal("0.0140")),
        time_in_force=TimeInForce.GTC,
        post_only=False,
        is_exit=True,
        attempt=0,
        leg=0,
        why="enough",
    )


def test_the_next_exit_gives_more_until_it_takes_the_touch() -> None:
    wide = {CALL: quote(bid="0.0135", ask="0.0165")}
    prices = []
    for attempt in range(4):
        before = resting(CALL, "buy", is_live=False, attempt=attempt, decided_ms=NOW_MS - 20_000)
        exit_ = asked(view(quotes=wide, held=HELD, orders=(before,)))
        assert exit_ is not None
        assert exit_.attempt == attempt + 1
        prices.append(round(exit_.price, 12))
    assert prices == [Decimal(p) for p in ("0.0155", "0.0160", "0.0165", "0.0165")]


@pytest.mark.parametrize(("age_ms", "attempt"), [(120_000, 3), (120_001, 0)])
def test_an_exit_is_forgotten_after_its_steps_and_a_minute(age_ms: int, attempt: int) -> None:
    before = resting(CALL, "buy", is_live=False, attempt=2, decided_ms=NOW_MS - age_ms)
    exit_ = asked(view(held=HELD, orders=(before,)))
    assert exit_ is not None
    assert exit_.attempt == attempt


@pytest.mark.rule("C-207")
@pytest.mark.parametrize("is_unknown", [False, True])
def test_an_exit_that_may_still_fill_is_not_repeated(is_unknown: bool) -> None:
    order = resting(CALL, "buy", is_unknown=is_unknown)
    assert asked(view(held=HELD, orders=(order,))) is None


def test_an_order_of_the_other_side_or_of_another_option_is_no_exit_of_this_one() -> None:
    others = (resting(CALL, "sell"), resting(PUT, "buy"))
    assert asked(view(held=HELD, orders=others)) is not None


@pytest.mark.rule("C-111")
@pytest.mark.parametrize(
    ("quantity", "bid", "ask", "price"),
    [
        ("-0.3", None, "0.0300", "0.0300"),
        ("-0.3", "0.0300", None, None),
        ("0.3", "0.0300", None, "0.0300"),
        ("0.3", None, "0.0300", None),
    ],
)
def test_an_exit_needs_the_side_that_it_takes_and_no_other(
    quantity: str, bid: str | None, ask: str | None, price: str | None
) -> None:
    seen = view(held={CALL: held(quantity)}, quotes={CALL: quote(bid=bid, ask=ask)})
    exit_ = asked(seen)
    assert (None if exit_ is None else exit_.price) == (None if price is None else Decimal(price))
    assert asked(view(held={CALL: held(quantity)}, quotes={CALL: None})) is None


@pytest.mark.parametrize(
    ("changes", "withdrawn"),
    [
        ({"decided_ms": NOW_MS - 19_999}, False),
        ({"decided_ms": NOW_MS - 20_000}, True),
        ({"decided_ms": NOW_MS - 20_000, "is_live": False}, False),
        ({"decided_ms": NOW_MS - 20_000, "is_unknown": True}, False),
    ],
)
def test_an_order_rests_for_one_step(changes: dict[str, Any], withdrawn: bool) -> None:
    order = resting(CALL, "buy", **changes)
    found = [wish.intent_id for wish in stale(view(orders=(order,)), step_s=20)]
    assert (found == [order.intent_id]) is withdrawn


@pytest.mark.rule("C-401")
@pytest.mark.parametrize(("stage", "withdrawn"), [("WORKING", 0), ("CLOSING", 0), ("COMPLETE", 1)])
def test_what_rests_for_a_live_group_is_left_to_it(stage: str, withdrawn: int) -> None:
    order = resting(CALL, "sell", decided_ms=NOW_MS - 60_000)
    seen = view(orders=(order,), group=group(stage))
    assert len(stale(seen, step_s=20)) == withdrawn
