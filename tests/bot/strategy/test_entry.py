"""When a group may be begun, how often it was tried, and at which prices (DOMAIN §9.1, §10.2)."""

from typing import Any

import pytest

from bot.domain.mode import Mode
from bot.domain.side import Side
from bot.strategy.entry import attempt_of, is_clear, wish_leg
from bot.strategy.interface import GroupSeen
from tests.bot.strategy.scene import (
    CALL,
    NOW_MS,
    PERPETUAL,
    group,
    held,
    leg,
    quote,
    resting,
    view,
)


@pytest.mark.rule("C-401")
@pytest.mark.parametrize(
    ("changes", "clear"),
    [
        ({}, True),
        ({"mode": Mode.REDUCE_ONLY}, False),
        ({"mode": Mode.KILL}, False),
        ({"index": None}, False),
        ({"group": group("WORKING")}, False),
        ({"group": group("CLOSING")}, False),
        ({"group": group("COMPLETE")}, True),
        ({"held": {CALL: held("0.1")}}, False),
        ({"held": {CALL: held("0")}}, True),
        ({"held": {PERPETUAL: held("-100", "60000")}}, True),
        ({"orders": (resting(CALL, "buy"),)}, False),
        ({"orders": (resting(CALL, "sell", is_unknown=True),)}, False),
        ({"orders": (resting(CALL, "buy", is_live=False),)}, True),
        ({"orders": (resting(PERPETUAL, "buy"),)}, True),
    ],
)
def test_a_group_is_begun_only_where_nothing_stands(changes: dict[str, Any], clear: bool) -> None:
    assert is_clear(view(**changes)) is clear


@pytest.mark.parametrize(
    ("last", "attempt"),
    [
        (None, 0),
        (group("EMPTY", attempt=2), 3),
        (group("EMPTY", attempt=2, ended_ms=NOW_MS - 60_000), 3),
        (group("EMPTY", attempt=2, ended_ms=NOW_MS - 60_001), 0),
        (group("COMPLETE", attempt=2), 0),
        (group("FLATTENED", attempt=2), 0),
        (group("HEDGED", attempt=2), 0),
    ],
)
def test_an_attempt_goes_on_from_an_empty_group_for_a_minute(
    last: GroupSeen | None, attempt: int
) -> None:
    assert attempt_of(view(group=last)) == attempt


@pytest.mark.parametrize(
    ("bid", "ask", "side", "price", "limit"),
    [
        ("0.0135", "0.0145", Side.SELL, "0.0140", "0.0130"),
        ("0.0135", "0.0145", Side.BUY, "0.0140", "0.0150"),
        # Half of one tick is no price: the first ask is for less, the limit goes on to the next.
        ("0.0135", "0.0140", Side.SELL, "0.0140", "0.0130"),
        ("0.0135", "0.0140", Side.BUY, "0.0135", "0.0145"),
        # Up to 0.005 the tick is 0.0001.
        ("0.0050", "0.0060", Side.SELL, "0.0055", "0.0045"),
        ("0.0049", "0.0050", Side.BUY, "0.0049", "0.0055"),
        # Nothing is sold for nothing.
        ("0.0001", "0.0009", Side.SELL, "0.0005", "0.0001"),
    ],
)
def test_price_and_limit_lie_on_the_tick_and_the_limit_half_a_spread_behind_the_touch(
    bid: str, ask: str, side: Side, price: str, limit: str
) -> None:
    seen = view(quotes={CALL: quote(bid=bid, ask=ask)})
    assert wish_leg(seen, CALL, side=side, attempt=0, steps=3) == leg(CALL, side, price, limit)


@pytest.mark.parametrize("bad", [None, quote(bid=None), quote(ask=None)])
def test_a_leg_needs_both_sides_of_its_book(bad: Any) -> None:
    assert wish_leg(view(quotes={CALL: bad}), CALL, side=Side.SELL, attempt=0, steps=3) is None
