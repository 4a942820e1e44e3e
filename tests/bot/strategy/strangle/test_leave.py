"""When the strangle ends (DOMAIN §9.1)."""

from typing import Any

import pytest

from bot.strategy.interface import Quote
from bot.strategy.strangle.leave import reason_to_leave
from bot.strategy.strangle.params import StrangleParams
from tests.bot.strategy.scene import CALL, NOW_MS, PUT, held, quote, view

PARAMS = StrangleParams()
LEGS = (CALL, PUT)


def why(call: Quote | None, put: Quote | None, **changes: Any) -> str | None:
    """Ask with both legs held, sold for 0.0140 and 0.0116: 0.0256 together."""
    usual = {CALL: held("-0.3", "0.0140"), PUT: held("-0.3", "0.0116")}
    seen = view(quotes={CALL: call, PUT: put}, **{"held": usual, **changes})
    return reason_to_leave(seen, PARAMS, legs=tuple(seen.held))


@pytest.mark.parametrize(
    ("call_ask", "put_ask", "expected"),
    [
        ("0.0070", "0.0058", "50% of the premium is captured"),  # 0.0128
        ("0.0070", "0.0059", None),
        ("0.0110", "0.0090", None),  # 0.02: hold
        ("0.0420", "0.0347", None),
        ("0.0420", "0.0348", "the loss is 2.0 times the premium"),  # 0.0768
        ("0.0900", "0.0010", "the loss is 2.6 times the premium"),
    ],
)
def test_half_the_premium_is_enough_and_twice_of_it_is_too_much(
    call_ask: str, put_ask: str, expected: str | None
) -> None:
    assert why(quote(ask=call_ask), quote(ask=put_ask)) == expected


@pytest.mark.parametrize(
    ("changes", "leaves"),
    [
        ({"delta": 0.3499}, False),
        ({"delta": 0.35}, True),
        ({"delta": -0.35}, True),
        ({"days": 7.01}, False),
        ({"days": 7.0}, True),
        ({"mark_iv": 0.749}, False),
        ({"mark_iv": 0.751}, True),
        ({"mark_iv": 0.30}, False),
        ({"delta": None, "days": None, "mark_iv": None}, False),
    ],
)
def test_either_leg_in_danger_ends_both(changes: dict[str, Any], leaves: bool) -> None:
    calm = quote(ask="0.0110")
    bad = quote(ask="0.0110", **changes)
    assert (why(bad, calm) is not None) is leaves
    assert (why(calm, bad) is not None) is leaves


@pytest.mark.rule("C-111")
@pytest.mark.parametrize("blind", [None, quote(ask=None)])
def test_a_leg_that_cannot_be_priced_does_not_hide_the_danger_of_the_other(
    blind: Quote | None,
) -> None:
    assert why(blind, quote(ask="0.0001")) is None  # no profit is claimed half blind
    assert why(blind, quote(delta=-0.5)) is not None
    assert why(quote(delta=0.5), blind) is not None


@pytest.mark.parametrize(
    ("age_ms", "quoted", "leaves"),
    [
        (300_000, quote(ask="0.0110"), False),
        (300_001, quote(ask="0.0110"), True),
        (300_001, None, True),
    ],
)
def test_a_leg_without_its_twin_is_closed_after_five_minutes(
    age_ms: int, quoted: Quote | None, leaves: bool
) -> None:
    alone = {CALL: held("-0.3", "0.0140", opened_ms=NOW_MS - age_ms)}
    assert (why(quoted, quote(), held=alone) is not None) is leaves


def test_two_legs_may_stand_for_long() -> None:
    old = {leg: held("-0.3", opened_ms=NOW_MS - 10**9) for leg in LEGS}
    assert why(quote(ask="0.0110"), quote(ask="0.0110"), held=old) is None


def test_what_was_sold_for_nothing_has_no_share_to_capture() -> None:
    free = {leg: held("-0.3", "0") for leg in LEGS}
    assert why(quote(ask="0.0110"), quote(ask="0.0110"), held=free) is None


def test_unequal_legs_are_weighed_by_their_size() -> None:
    uneven = {CALL: held("-0.3", "0.0100"), PUT: held("-0.1", "0.0100")}
    # Premium 0.0040. Asks of 0.0040 and 0.0080 cost 0.0020; equal weights would say 40 %.
    assert why(quote(ask="0.0040"), quote(ask="0.0080"), held=uneven) is not None
    assert why(quote(ask="0.0080"), quote(ask="0.0040"), held=uneven) is None
