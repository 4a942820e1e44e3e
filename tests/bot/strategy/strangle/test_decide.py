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
from bot.domain.money import Amount
from bot.domain.side import Side
from bot.strategy.interface import GroupSeen, Held, PlaceGroup, Quote, View
from bot.strategy.strangle.decide import decide
from bot.strategy.strangle.params import DEFAULTS
from tests.bot.strategy.scene import (
    CALL,
    NOW_MS,
    PERPETUAL,
    PUT,
    group,
    groups,
    held,
    leg,
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


def enters_with(seen: View, **params: Any) -> list[InstrumentName]:
    """Return the legs of the group that would be begun; empty when none would be."""
    begun = groups(decide(seen, {**DEFAULTS, **params}))
    assert len(begun) <= 1
    return [leg.instrument for wish in begun for leg in wish.legs]


ENTRY = [CALL, PUT]


@pytest.mark.rule("C-401")
def test_an_entry_is_one_group_that_sells_both_legs_at_their_middle() -> None:
    """Bid 0.0135, ask 0.0145: half a spread of 0.0010 behind the bid lies 0.0130."""
    assert decide(view(), DEFAULTS) == (
        PlaceGroup(
            legs=(
                leg(CALL, Side.SELL, "0.0140", "0.0130"),
                leg(PUT, Side.SELL, "0.0140", "0.0130"),
            ),
            size=Amount(Decimal("0.3")),
            rest_ms=20_000,
            attempt=0,
            why="entry",
        ),
    )


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
        ({"orders": (resting(CALL, "buy"),)}, False),
        ({"orders": (resting(CALL, "buy", is_unknown=True),)}, False),  # may fill yet
        ({"orders": (resting(CALL, "buy", is_live=False),)}, True),
        ({"orders": (resting(PERPETUAL, "sell"),)}, True),
    ],
)
def test_an_entry_needs_all_of_its_conditions(changes: dict[str, Any], enters: bool) -> None:
    seen = view(**changes)
    assert len(enters_with(seen)) == (2 if enters else 0)
    assert traded(seen) == []


@pytest.mark.parametrize(("iv", "enters"), [(0.549, False), (0.551, True), (None, True)])
def test_the_volatility_that_counts_is_the_one_at_the_money(iv: float | None, enters: bool) -> None:
    """Others stand at 60 %, realised is 50 %; without the middle its neighbour counts."""
    names = [InstrumentName(f"BTC-26JUN26-60000-{letter}") for letter in "CP"]
    middle = {name: quote(mark_iv=iv, delta=0.5) for name in names}
    blind = {InstrumentName("BTC-26JUN26-40000-C"): quote(underlying=None, delta=0.99)}
    assert (enters_with(view(quotes={**middle, **blind})) == ENTRY) is enters


@pytest.mark.parametrize(
    ("funding", "enters"),
    [(0.00099, True), (-0.00099, True), (0.001, False), (-0.001, False), (None, False)],
)
def test_an_entry_needs_calm_funding(funding: float | None, enters: bool) -> None:
    perpetual = msgspec.structs.replace(view().quotes[PERPETUAL], funding_8h=funding)
    assert (enters_with(view(quotes={PERPETUAL: perpetual})) == ENTRY) is enters


@pytest.mark.parametrize(
    ("realised", "move", "enters"),
    [(None, None, True), (None, 0.04, True), (None, 0.05, False), (0.5, 0.01, True)],
)
def test_without_a_history_a_known_jump_still_counts(
    realised: float | None, move: float | None, enters: bool
) -> None:
    seen = view(realised_vol=realised, move_day=move)
    assert (enters_with(seen, history_required=False) == ENTRY) is enters


@pytest.mark.rule("C-401")
@pytest.mark.parametrize("letter", ["C", "P"])
def test_a_strangle_has_two_legs_or_none(letter: str) -> None:
    gone = {name: None for name in view().quotes if name.endswith(f"-{letter}")}
    assert decide(view(quotes=gone), DEFAULTS) == ()


@pytest.mark.rule("C-401")
@pytest.mark.parametrize("name", ENTRY)
@pytest.mark.parametrize("one_sided", [quote(bid=None), quote(ask=None)])
def test_a_leg_that_has_no_middle_keeps_the_other_out_as_well(
    name: InstrumentName, one_sided: Quote
) -> None:
    delta = view().quotes[name].delta
    seen = view(quotes={name: msgspec.structs.replace(one_sided, delta=delta)})
    assert decide(seen, DEFAULTS) == ()


@pytest.mark.rule("C-401")
@pytest.mark.parametrize(
    ("last", "enters"),
    [
        (group("WORKING"), False),
        (group("RESCUE"), False),
        (group("CLOSING"), False),
        (group("COMPLETE"), True),
        (group("EMPTY"), True),
        (group("FLATTENED"), True),
        (group("HEDGED"), True),
    ],
)
def test_no_second_group_is_begun_while_one_is_live(last: GroupSeen, enters: bool) -> None:
    assert (enters_with(view(group=last)) == ENTRY) is enters


def test_the_next_attempt_asks_for_less_until_it_takes_the_touch() -> None:
    wide = {CALL: quote(bid="0.0135", ask="0.0165", delta=0.165)}
    prices = []
    for attempt in range(4):
        seen = view(quotes=wide, group=group("EMPTY", attempt=attempt))
        (wish,) = groups(decide(seen, DEFAULTS))
        assert wish.attempt == attempt + 1
        call = wish.legs[0]
        prices.append((call.price, call.limit))
    asked = ("0.0145", "0.0140", "0.0135", "0.0135")
    assert prices == [(Decimal(price), Decimal("0.0120")) for price in asked]


@pytest.mark.rule("C-401")
@pytest.mark.parametrize("stage", ["WORKING", "RESCUE", "CLOSING"])
@pytest.mark.parametrize("held_legs", [{}, {CALL: held("-0.3")}, {CALL: held("-0.3", opened_ms=0)}])
def test_the_legs_of_a_live_group_are_left_alone(stage: str, held_legs: dict[str, Held]) -> None:
    old = (resting(CALL, "sell", decided_ms=0), resting(PUT, "sell", decided_ms=0))
    danger = {CALL: quote(delta=0.9)}
    seen = view(group=group(stage), held=held_legs, orders=old, quotes=danger)
    assert decide(seen, DEFAULTS) == ()


@pytest.mark.rule("C-402")
@pytest.mark.parametrize(("age_ms", "leaves"), [(300_000, False), (300_001, True)])
def test_a_leg_that_a_group_has_left_alone_is_closed_after_five_minutes(
    age_ms: int, leaves: bool
) -> None:
    alone = {CALL: held("-0.3", "0.0140", opened_ms=NOW_MS - age_ms)}
    seen = view(group=group("HEDGED"), held=alone)
    assert traded(seen) == ([(CALL, Side.BUY, Decimal("0.3"))] if leaves else [])
    assert groups(decide(seen, DEFAULTS)) == []


def test_whole_legs_in_calm_are_left_alone() -> None:
    assert decide(view(held=BOTH), DEFAULTS) == ()


def test_a_finished_order_of_an_instrument_out_of_sight_disturbs_nothing() -> None:
    gone = resting(InstrumentName("BTC-1JAN26-90000-C"), "sell", is_live=False)
    assert enters_with(view(orders=(gone,))) == ENTRY


def test_leaving_buys_both_legs_back() -> None:
    danger = {CALL: quote(delta=0.4)}
    gone = resting(CALL, "sell", is_live=False, intent_id="gone")
    elsewhere = resting(PERPETUAL, "sell", intent_id="hedge")
    proposals = decide(view(quotes=danger, held=BOTH, orders=(gone, elsewhere)), DEFAULTS)
    assert withdrawals(proposals) == []
    bought = places(proposals)
    assert [(p.instrument, p.side, p.amount, p.is_exit, p.leg) for p in bought] == [
        (PUT, Side.BUY, Decimal("0.3"), True, 1),
        (CALL, Side.BUY, Decimal("0.3"), True, 0),
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


@pytest.mark.rule("C-402")
@pytest.mark.parametrize(
    ("stage", "naked_ms", "hedged"),
    [
        ("WORKING", 9_999, False),
        ("WORKING", 10_000, True),
        ("CLOSING", 9_999, False),
        ("WORKING", None, True),  # both legs have filled alike
        ("HEDGED", 0, True),  # nothing is on its way any more
    ],
)
def test_a_naked_leg_is_hedged_once_its_twin_takes_longer_than_ten_seconds(
    stage: str, naked_ms: int | None, hedged: bool
) -> None:
    since_ms = None if naked_ms is None else NOW_MS - naked_ms
    under_way = group(stage, naked_since_ms=since_ms)
    seen = view(group=under_way, held={CALL: held("-0.3")}, delta_total=-0.05)
    assert [name for name, _, _ in traded(seen)] == ([PERPETUAL] if hedged else [])


views = st.builds(
    view,
    group=st.sampled_from([None, group(), group("EMPTY", attempt=2), group("HEDGED")]),
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
    proposals = decide(seen, DEFAULTS)
    legs = [place for place in places(proposals) if place.instrument != PERPETUAL]
    assert all(place.is_exit and place.side is Side.BUY for place in legs)
    assert not (legs and groups(proposals))


@pytest.mark.rule("C-909")
@given(views)
def test_nothing_outside_the_view_is_named(seen: View) -> None:
    proposals = decide(seen, DEFAULTS)
    legs = [leg.instrument for wish in groups(proposals) for leg in wish.legs]
    assert {*legs, *(place.instrument for place in places(proposals))} <= set(seen.quotes)
    assert set(withdrawals(proposals)) <= {order.intent_id for order in seen.orders}
