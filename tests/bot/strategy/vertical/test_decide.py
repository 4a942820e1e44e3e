"""The credit put spread: what it proposes, and when (DOMAIN §9.3)."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.mode import Mode
from bot.domain.money import Amount, Price
from bot.domain.side import Side
from bot.strategy.interface import GroupSeen, Held, PlaceGroup, Quote, View
from bot.strategy.vertical.decide import decide
from bot.strategy.vertical.params import DEFAULTS
from tests.bot.strategy.scene import (
    EXPIRY_MS,
    NOW_MS,
    PERPETUAL,
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
from tests.bot.strategy.vertical.scene import BOTH, LONG, SHORT, spread


def traded(seen: View, **params: Any) -> list[tuple[InstrumentName, Side, Decimal]]:
    proposals = decide(seen, {**DEFAULTS, **params})
    return [(p.instrument, p.side, p.amount) for p in places(proposals)]


def enters(seen: View, **params: Any) -> bool:
    return bool(groups(decide(seen, {**DEFAULTS, **params})))


# At these touches the credit is 0.0120 − 0.0060 = 0.0060 coin, 360 USD at 60000: 12 % of 3000.
RICH = {SHORT: quote(bid="0.0185", ask="0.0195", delta=-0.20)}  # 0.0125, 750 USD: 25 %
POOR = {SHORT: quote(bid="0.0184", ask="0.0194", delta=-0.20)}  # 0.0124, 744 USD


@pytest.mark.rule("C-401")
def test_an_entry_is_one_group_that_sells_a_put_and_buys_a_lower_one() -> None:
    """0.3 of a spread of 3000 owe 0.3 · 3000 / 30000 = 0.03 coin when the index has halved."""
    assert decide(spread(quotes=RICH), DEFAULTS) == (
        PlaceGroup(
            legs=(
                leg(LONG, Side.BUY, "0.0055", "0.0065"),
                leg(SHORT, Side.SELL, "0.0190", "0.0180"),
            ),
            size=Amount(Decimal("0.3")),
            rest_ms=20_000,
            attempt=0,
            why="entry",
        ),
    )


def test_the_size_is_cut_to_what_may_be_lost() -> None:
    (wish,) = groups(decide(spread(quotes=RICH), {**DEFAULTS, "loss_coin_max": "0.02"}))
    assert wish.size == Decimal("0.2")


@pytest.mark.rule("C-909")
def test_an_entry_needs_a_quarter_of_the_width_at_the_forward() -> None:
    assert enters(spread(quotes=RICH))
    assert not enters(spread(quotes=POOR))
    assert enters(spread(quotes=POOR), credit_min="0.24")
    assert not enters(spread(), credit_min="0.1201")
    assert enters(spread(), credit_min="0.12")


def test_it_is_the_forward_that_counts_and_not_the_index() -> None:
    higher = {
        SHORT: quote(
            bid="0.0184", ask="0.0194", delta=-0.20, underlying=Price(Decimal(61000))
        )  # 0.0124 · 61000 = 756.4 USD
    }
    assert enters(spread(quotes=higher))
    assert not enters(spread(quotes=POOR, index=Price(Decimal(61000))))
    unknown = {SHORT: quote(bid="0.0185", ask="0.0195", delta=-0.20, underlying=None)}
    assert not enters(spread(quotes=unknown))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"mode": Mode.REDUCE_ONLY}, False),
        ({"index": None}, False),
        ({"realised_vol": None, "move_day": None}, True),  # it asks for no history
        ({"orders": (resting(SHORT, "buy"),)}, False),
        ({"orders": (resting(LONG, "sell", is_unknown=True),)}, False),
        ({"orders": (resting(SHORT, "buy", is_live=False),)}, True),
        ({"held": {SHORT: held("0")}}, True),
        ({"now_ms": EXPIRY_MS - 35 * DAY_MS}, True),
        ({"now_ms": EXPIRY_MS - 35 * DAY_MS - 1}, False),
        ({"now_ms": EXPIRY_MS - 14 * DAY_MS}, True),
        ({"now_ms": EXPIRY_MS - 14 * DAY_MS + 1}, False),
    ],
)
def test_an_entry_needs_all_of_its_conditions(changes: dict[str, Any], expected: bool) -> None:
    assert enters(spread(quotes=RICH, **changes)) is expected


@pytest.mark.rule("C-401")
@pytest.mark.parametrize(
    ("name", "bad"),
    [
        (SHORT, None),
        (LONG, None),
        (SHORT, quote(bid=None, ask="0.0195", delta=-0.20)),
        (SHORT, quote(bid="0.0185", ask=None, delta=-0.20)),
        (LONG, quote(bid=None, ask="0.0060", delta=-0.10)),
        (LONG, quote(bid="0.0050", ask=None, delta=-0.10)),
        (SHORT, quote(bid="0.0185", ask="0.0195", delta=None)),
        (SHORT, quote(bid="0.0185", ask="0.0195", delta=-0.2501)),
        (SHORT, quote(bid="0.0185", ask="0.0195", delta=-0.1499)),
        (LONG, quote(bid="0.0050", ask="0.0060", delta=-0.1501)),
        (LONG, quote(bid="0.0050", ask="0.0060", delta=-0.0499)),
    ],
)
def test_a_spread_has_two_legs_or_none(name: InstrumentName, bad: Quote | None) -> None:
    assert decide(spread(quotes={**RICH, name: bad}), DEFAULTS) == ()


def test_the_protection_lies_below_what_it_protects() -> None:
    swapped = {
        SHORT: quote(bid="0.0050", ask="0.0060", delta=-0.10),
        LONG: quote(bid="0.0185", ask="0.0195", delta=-0.20),
    }
    both = {LONG: quote(bid="0.0185", ask="0.0195", delta=-0.15)}
    assert decide(spread(quotes=swapped), DEFAULTS) == ()
    alone = spread(quotes={**both, SHORT: None})
    assert decide(alone, {**DEFAULTS, "credit_min": "0"}) == ()  # one put cannot be both legs


def test_a_spread_that_could_end_up_paid_for_is_not_begun() -> None:
    """Bid 0.0120 may give way to 0.0105, and ask 0.0100 to 0.0115: a debit."""
    wide = {
        SHORT: quote(bid="0.0120", ask="0.0150", delta=-0.20),
        LONG: quote(bid="0.0070", ask="0.0100", delta=-0.10),
    }
    assert not enters(spread(quotes=wide), credit_min="0.01")


def test_the_next_attempt_gives_more_until_it_takes_the_touch() -> None:
    wide = {SHORT: quote(bid="0.0185", ask="0.0215", delta=-0.20)}
    prices = []
    for attempt in range(4):
        seen = spread(quotes=wide, group=group("EMPTY", attempt=attempt))
        (wish,) = groups(decide(seen, DEFAULTS))
        assert wish.attempt == attempt + 1
        prices.append(tuple(leg.price for leg in wish.legs))
    assert prices == [
        (Decimal("0.0055"), Decimal("0.0195")),
        (Decimal("0.0055"), Decimal("0.0190")),
        (Decimal("0.006"), Decimal("0.0185")),
        (Decimal("0.006"), Decimal("0.0185")),
    ]


@pytest.mark.rule("C-401")
@pytest.mark.parametrize("under_way", [group("WORKING"), group("RESCUE"), group("CLOSING")])
@pytest.mark.parametrize("legs", [{}, BOTH, {SHORT: held("-0.3")}, {LONG: held("0.3")}])
def test_while_a_group_is_live_nothing_is_proposed(
    under_way: GroupSeen, legs: dict[str, Any]
) -> None:
    old = (resting(LONG, "buy", decided_ms=0), resting(SHORT, "sell", decided_ms=0))
    danger = {SHORT: quote(delta=-0.9)}
    seen = spread(quotes=danger, group=under_way, held=legs, orders=old, delta_total=0.5)
    assert decide(seen, DEFAULTS) == ()


@pytest.mark.parametrize("last", [None, group("COMPLETE"), group("HEDGED")])
@pytest.mark.parametrize("delta_total", [0.0, 0.4, None])
def test_a_whole_spread_in_calm_is_left_alone_and_never_hedged(
    last: GroupSeen | None, delta_total: float | None
) -> None:
    assert decide(spread(held=BOTH, group=last, delta_total=delta_total), DEFAULTS) == ()


DANGER = {SHORT: quote(bid="0.0300", ask="0.0310", delta=-0.40)}


@pytest.mark.rule("C-909")
def test_leaving_buys_the_short_put_back_and_keeps_the_protection() -> None:
    (back,) = decide(spread(quotes=DANGER, held=BOTH), DEFAULTS)
    assert [back] == places((back,))
    assert traded(spread(quotes=DANGER, held=BOTH)) == [(SHORT, Side.BUY, Decimal("0.3"))]
    assert (back.is_exit, back.price, back.leg) == (True, Decimal("0.0305"), 0)  # type: ignore[union-attr]  # a Place, as the line above says
    partly = {**BOTH, SHORT: held("-0.1", "0.0120")}
    assert traded(spread(quotes=DANGER, held=partly)) == [(SHORT, Side.BUY, Decimal("0.1"))]


@pytest.mark.rule("C-909")
@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("last", [None, group("COMPLETE"), group("HEDGED"), group("FLATTENED")])
def test_the_protection_is_sold_once_nothing_is_short(mode: Mode, last: GroupSeen | None) -> None:
    for rest in ({LONG: held("0.3")}, {LONG: held("0.3"), SHORT: held("0")}):
        seen = spread(held=rest, mode=mode, group=last)
        (sale,) = places(decide(seen, DEFAULTS))
        assert (sale.instrument, sale.side, sale.amount) == (LONG, Side.SELL, Decimal("0.3"))
        assert (sale.is_exit, sale.price, sale.leg) == (True, Decimal("0.0055"), 1)


@pytest.mark.rule("C-402")
def test_a_short_put_that_a_group_has_left_naked_is_bought_back_at_once() -> None:
    alone = {SHORT: held("-0.3", opened_ms=NOW_MS)}
    assert traded(spread(held=alone, group=group("HEDGED"))) == [(SHORT, Side.BUY, Decimal("0.3"))]


@pytest.mark.rule("C-309")
@pytest.mark.parametrize("mode", list(Mode))
def test_leaving_is_proposed_in_every_mode(mode: Mode) -> None:
    seen = spread(mode=mode, quotes=DANGER, held=BOTH)
    assert traded(seen) == [(SHORT, Side.BUY, Decimal("0.3"))]


def test_one_exit_at_a_time_and_each_rests_for_one_step() -> None:
    young = resting(SHORT, "buy", decided_ms=NOW_MS - 19_999)
    old = msgspec.structs.replace(young, decided_ms=NOW_MS - 20_000)
    assert decide(spread(quotes=DANGER, held=BOTH, orders=(young,)), DEFAULTS) == ()
    proposals = decide(spread(quotes=DANGER, held=BOTH, orders=(old,)), DEFAULTS)
    assert withdrawals(proposals) == [old.intent_id]
    assert places(proposals) == []


@pytest.mark.rule("C-402")
@pytest.mark.parametrize(("quantity", "side"), [("-600", Side.BUY), ("600", Side.SELL)])
def test_what_the_guard_has_hedged_with_goes_when_the_options_are_gone(
    quantity: str, side: Side
) -> None:
    hedged = {PERPETUAL: held(quantity, "60000")}
    assert traded(spread(held=hedged)) == [(PERPETUAL, side, Decimal(600))]
    assert traded(spread(held={**BOTH, **hedged})) == []
    assert traded(spread(held={LONG: held("0.3"), **hedged})) == [(LONG, Side.SELL, Decimal("0.3"))]


views = st.one_of(
    st.builds(
        make,
        group=st.sampled_from([None, group(), group("EMPTY", attempt=2), group("HEDGED")]),
        held=st.sampled_from(
            [{}, BOTH, {SHORT: held("-0.2")}, {LONG: held("0.3")}, {PERPETUAL: held("90")}]
        ),
        delta_total=st.sampled_from([None, 0.0, -0.4]),
        mode=st.sampled_from(Mode),
        orders=st.sampled_from([(), (resting(SHORT, "buy", decided_ms=NOW_MS - 30_000),)]),
        quotes=st.sampled_from([RICH, DANGER, {SHORT: None}, {LONG: quote(bid=None)}]),
    )
    for make in (spread, view)
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
    assert all(place.is_exit for place in places(proposals))
    assert len(groups(proposals)) + bool(places(proposals)) <= 1


@pytest.mark.rule("C-909")
@given(views)
def test_protection_is_never_sold_beside_a_short_put(seen: View) -> None:
    sold = [p for p in places(decide(seen, DEFAULTS)) if p.side is Side.SELL]
    is_short = any(h.quantity < 0 and n != PERPETUAL for n, h in seen.held.items())
    assert not (sold and is_short)


@pytest.mark.rule("C-909")
@given(views)
def test_nothing_outside_the_view_is_named(seen: View) -> None:
    proposals = decide(seen, DEFAULTS)
    legs = [leg.instrument for wish in groups(proposals) for leg in wish.legs]
    assert {*legs, *(place.instrument for place in places(proposals))} <= set(seen.quotes)
    assert set(withdrawals(proposals)) <= {order.intent_id for order in seen.orders}


@pytest.mark.rule("C-909")
@pytest.mark.parametrize("beside", [{}, {LONG: held("0.3")}, {PERPETUAL: held("90", "60000")}])
def test_beside_an_option_without_a_definition_everything_stays(beside: dict[str, Held]) -> None:
    gone = {InstrumentName("BTC-1JAN26-90000-P"): held("-0.3")}
    assert decide(spread(held={**gone, **beside}), DEFAULTS) == ()
