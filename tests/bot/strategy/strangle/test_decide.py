"""The delta-hedged short strangle: what it proposes, and when (DOMAIN §9.1)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import InstrumentName
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.order import TimeInForce
from bot.domain.side import Side
from bot.strategy.interface import Place, View
from bot.strategy.strangle.decide import decide
from bot.strategy.strangle.params import DEFAULTS
from tests.bot.strategy.strangle.scene import (
    CALL,
    NOW_MS,
    PERPETUAL,
    PUT,
    held,
    places,
    quote,
    resting,
    view,
    withdrawals,
)

BOTH = {CALL: held("-0.3"), PUT: held("-0.3")}


def traded(seen: View, **params: Any) -> list[tuple[InstrumentName, Side, Decimal]]:
    proposals = decide(seen, {**DEFAULTS, **params})
    return [(p.instrument, p.side, p.amount) for p in places(proposals)]


ENTRY = [(CALL, Side.SELL, Decimal("0.3")), (PUT, Side.SELL, Decimal("0.3"))]


@pytest.mark.rule("C-909")
def test_an_entry_sells_both_legs_at_their_middle() -> None:
    call, put = decide(view(), DEFAULTS)
    assert call == Place(
        instrument=CALL,
        side=Side.SELL,
        amount=Amount(Decimal("0.3")),
        price=Price(Decimal("0.0140")),
        time_in_force=TimeInForce.GTC,
        post_only=False,
        is_exit=False,
        attempt=0,
        leg=0,
        why="entry",
    )
    assert put == msgspec.structs.replace(call, instrument=PUT, leg=1)


@pytest.mark.parametrize(
    ("changes", "enters"),
    [
        ({}, True),
        ({"mode": Mode.REDUCE_ONLY}, False),
        ({"mode": Mode.KILL}, False),
        ({"index": None}, False),
        ({"realised_vol": 0.549}, True),  # 5.1 points below 60 %
        ({"realised_vol": 0.551}, False),
        ({"move_day": 0.04}, True),
        ({"move_day": 0.0401}, False),
        ({"realised_vol": None}, False),
        ({"move_day": None}, False),
        ({"held": {PERPETUAL: held("100", "60000")}}, True),  # a hedge is no position of it
        ({"held": {InstrumentName("BTC-26JUN26-60000-C"): held("0.1")}}, False),
        ({"held": {InstrumentName("BTC-26JUN26-60000-C"): held("0")}}, True),
        ({"quotes": {CALL: None}}, True),  # then the 74000 is nearest
        ({"quotes": {PERPETUAL: None}}, False),
    ],
)
def test_an_entry_needs_all_of_its_conditions(changes: dict[str, Any], enters: bool) -> None:
    assert (len(traded(view(**changes))) == 2) is enters
    assert enters or traded(view(**changes)) == []


@pytest.mark.parametrize(("iv", "enters"), [(0.549, False), (0.551, True), (None, True)])
def test_the_volatility_that_counts_is_the_one_at_the_money(iv: float | None, enters: bool) -> None:
    """Others stand at 60 %, realised is 50 %; without the middle its neighbour counts."""
    names = [InstrumentName(f"BTC-26JUN26-60000-{letter}") for letter in "CP"]
    middle = {name: quote(mark_iv=iv, delta=0.5) for name in names}
    blind = {InstrumentName("BTC-26JUN26-40000-C"): quote(underlying=None, delta=0.99)}
    assert (traded(view(quotes={**middle, **blind})) == ENTRY) is enters


@pytest.mark.parametrize(
    ("funding", "enters"),
    [(0.00099, True), (-0.00099, True), (0.001, False), (-0.001, False), (None, False)],
)
def test_an_entry_needs_calm_funding(funding: float | None, enters: bool) -> None:
    perpetual = msgspec.structs.replace(view().quotes[PERPETUAL], funding_8h=funding)
    assert (traded(view(quotes={PERPETUAL: perpetual})) == ENTRY) is enters


@pytest.mark.parametrize(
    ("realised", "move", "enters"),
    [(None, None, True), (None, 0.04, True), (None, 0.05, False), (0.5, 0.01, True)],
)
def test_without_a_history_a_known_jump_still_counts(
    realised: float | None, move: float | None, enters: bool
) -> None:
    seen = view(realised_vol=realised, move_day=move)
    assert (traded(seen, history_required=False) == ENTRY) is enters


def test_a_strangle_has_two_legs_or_none() -> None:
    no_puts = {name: None for name in view().quotes if name.endswith("-P")}
    assert decide(view(quotes=no_puts), DEFAULTS) == ()


@pytest.mark.parametrize(
    ("decided_ms", "withdrawn"), [(NOW_MS - 19_999, False), (NOW_MS - 20_000, True)]
)
def test_an_order_rests_for_one_step(decided_ms: int, withdrawn: bool) -> None:
    order = resting(CALL, "sell", decided_ms=decided_ms)
    proposals = decide(view(orders=(order,)), DEFAULTS)
    assert (withdrawals(proposals) == [order.intent_id]) is withdrawn
    assert [place.instrument for place in places(proposals)] == [PUT]


@pytest.mark.rule("C-207")
def test_an_order_of_unknown_fate_is_neither_withdrawn_nor_repeated() -> None:
    order = resting(CALL, "sell", decided_ms=NOW_MS - 60_000, is_unknown=True)
    proposals = decide(view(orders=(order,)), DEFAULTS)
    assert withdrawals(proposals) == []
    assert [place.instrument for place in places(proposals)] == [PUT]


def test_the_next_attempt_asks_for_less_until_it_takes_the_touch() -> None:
    wide = {CALL: quote(bid="0.0135", ask="0.0165", delta=0.165)}
    prices = []
    for attempt in range(4):
        before = resting(CALL, "sell", is_live=False, attempt=attempt, decided_ms=NOW_MS - 20_000)
        call = places(decide(view(quotes=wide, orders=(before,)), DEFAULTS))[0]
        assert call.attempt == attempt + 1
        prices.append(round(call.price, 12))
    assert prices == [Decimal(p) for p in ("0.0145", "0.0140", "0.0135", "0.0135")]


@pytest.mark.parametrize(("age_ms", "attempt"), [(120_000, 3), (120_001, 0)])
def test_an_attempt_is_forgotten_after_its_steps_and_a_minute(age_ms: int, attempt: int) -> None:
    before = resting(CALL, "sell", is_live=False, attempt=2, decided_ms=NOW_MS - age_ms)
    assert places(decide(view(orders=(before,)), DEFAULTS))[0].attempt == attempt


def test_a_partial_leg_is_filled_up_and_its_strike_kept() -> None:
    other = InstrumentName("BTC-26JUN26-74000-C")
    seen = view(held={other: held("-0.2"), PUT: held("-0.3")})
    assert traded(seen) == [(other, Side.SELL, Decimal("0.1"))]
    assert [place.leg for place in places(decide(seen, DEFAULTS))] == [0]


def test_whole_legs_in_calm_are_left_alone() -> None:
    assert decide(view(held=BOTH), DEFAULTS) == ()


@pytest.mark.parametrize("is_live", [False, True])
def test_an_order_of_an_instrument_out_of_sight_disturbs_nothing(is_live: bool) -> None:
    gone = resting(InstrumentName("BTC-1JAN26-90000-C"), "sell", is_live=is_live)
    assert traded(view(orders=(gone,))) == ENTRY


def test_leaving_buys_both_legs_back_and_withdraws_what_still_sells() -> None:
    danger = {CALL: quote(delta=0.4)}
    selling = resting(PUT, "sell")
    in_doubt = resting(PUT, "sell", is_unknown=True, intent_id="doubt")
    gone = resting(CALL, "sell", is_live=False, intent_id="gone")
    elsewhere = resting(PERPETUAL, "sell", intent_id="hedge")
    orders = (selling, in_doubt, gone, elsewhere)
    proposals = decide(view(quotes=danger, held=BOTH, orders=orders), DEFAULTS)
    assert withdrawals(proposals) == [selling.intent_id]
    bought = places(proposals)
    assert [place.leg for place in bought] == [1, 0]
    assert [(p.instrument, p.side, p.amount, p.is_exit) for p in bought] == [
        (PUT, Side.BUY, Decimal("0.3"), True),
        (CALL, Side.BUY, Decimal("0.3"), True),
    ]


@pytest.mark.rule("C-309")
@pytest.mark.parametrize("mode", list(Mode))
def test_leaving_is_proposed_in_every_mode(mode: Mode) -> None:
    seen = view(mode=mode, quotes={CALL: quote(delta=0.4)}, held=BOTH)
    assert [place.side for place in places(decide(seen, DEFAULTS))] == [Side.BUY, Side.BUY]


@pytest.mark.rule("C-111")
def test_leaving_does_not_wait_for_a_second_side() -> None:
    seen = view(quotes={CALL: quote(bid=None, ask="0.0300", delta=0.4)}, held=BOTH)
    _, call = places(decide(seen, DEFAULTS))
    assert (call.instrument, call.price) == (CALL, Decimal("0.0300"))


@pytest.mark.parametrize(
    ("delta", "held_legs", "hedged"),
    [
        (-0.0090, BOTH, False),  # 0.03 of three tenths
        (-0.0091, BOTH, True),
        (0.0091, BOTH, True),
        (0.0091, {PERPETUAL: held("-600", "60000")}, True),  # nothing short: unwound
    ],
)
def test_delta_is_hedged_beside_whatever_else(
    delta: float, held_legs: Mapping[InstrumentName, Any], hedged: bool
) -> None:
    seen = view(held=held_legs, delta_total=delta, realised_vol=0.6)
    side = Side.SELL if delta > 0 else Side.BUY
    found = [(name, way) for name, way, _ in traded(seen)]
    assert found == ([(PERPETUAL, side)] if hedged else [])


def test_leaving_and_hedging_are_proposed_together_with_the_hedge_last() -> None:
    seen = view(quotes={CALL: quote(delta=0.4)}, held=BOTH, delta_total=-0.05)
    assert [place.instrument for place in places(decide(seen, DEFAULTS))] == [PUT, CALL, PERPETUAL]


views = st.builds(
    view,
    held=st.sampled_from([{}, BOTH, {CALL: held("-0.2")}, {PUT: held("-0.3")}]),
    delta_total=st.sampled_from([None, 0.0, 0.05, -0.4]),
    mode=st.sampled_from(Mode),
    orders=st.sampled_from([(), (resting(CALL, "sell", decided_ms=NOW_MS - 30_000),)]),
    quotes=st.sampled_from([{}, {CALL: None}, {PUT: quote(ask=None, delta=-0.5)}]),
)


@pytest.mark.rule("C-102")
@given(views, st.randoms(use_true_random=False))
def test_the_same_view_gives_the_same_proposals_in_the_same_order(seen: View, random: Any) -> None:
    shuffled = {}
    for field in ("instruments", "quotes", "held"):
        items = list(getattr(seen, field).items())
        random.shuffle(items)
        shuffled[field] = dict(items)
    assert decide(msgspec.structs.replace(seen, **shuffled), DEFAULTS) == decide(seen, DEFAULTS)


@pytest.mark.rule("C-101")
@given(views)
def test_an_entry_and_an_exit_never_meet_in_one_decision(seen: View) -> None:
    legs = [place for place in places(decide(seen, DEFAULTS)) if place.instrument != PERPETUAL]
    assert len({place.side for place in legs}) <= 1
    assert all(place.is_exit is (place.side is Side.BUY) for place in legs)
