"""When the vertical ends (DOMAIN §9.3)."""

from typing import Any

import pytest

from bot.domain.ids import InstrumentName
from bot.domain.instant import DAY_MS
from bot.domain.instrument import OptionType
from bot.strategy.interface import Held, Quote
from bot.strategy.vertical.leave import protection_of, reason_to_leave
from bot.strategy.vertical.params import VerticalParams
from tests.bot.strategy.scene import EXPIRY_MS, held, listed, quote
from tests.bot.strategy.vertical.scene import BOTH, LONG, SHORT, spread


def why(short: Quote | None, long: Quote | None, **changes: Any) -> str | None:
    seen = spread(quotes={SHORT: short, LONG: long}, **{"held": BOTH, **changes})
    return reason_to_leave(seen, VerticalParams(), short=SHORT)


@pytest.mark.rule("C-909")
@pytest.mark.parametrize(
    ("short_ask", "long_bid", "expected"),
    [
        # The credit was 0.0080: at a cost of 0.0032 six tenths of it are kept.
        ("0.0042", "0.0010", "60% of the credit is captured"),
        ("0.0043", "0.0010", None),
        ("0.0032", None, "60% of the credit is captured"),  # protection nobody bids for
        ("0.0033", None, None),
        ("0.0120", "0.0040", None),
        ("0.0300", "0.0100", None),  # a loss has its own bound: the width
    ],
)
def test_six_tenths_of_the_credit_are_enough(
    short_ask: str, long_bid: str | None, expected: str | None
) -> None:
    calm = quote(ask=short_ask, delta=-0.2)
    assert why(calm, quote(bid=long_bid, delta=-0.1)) == expected


def test_protection_out_of_sight_is_worth_nothing() -> None:
    assert why(quote(ask="0.0032", delta=-0.2), None) is not None
    assert why(quote(ask="0.0033", delta=-0.2), None) is None


@pytest.mark.parametrize(
    ("delta", "leaves"),
    [(-0.3999, False), (-0.40, True), (-0.9, True), (None, False)],
)
def test_a_short_leg_in_danger_ends_the_spread(delta: float | None, leaves: bool) -> None:
    assert (
        why(quote(ask="0.0130", delta=delta), quote(bid=None, delta=-0.9)) is not None
    ) is leaves


@pytest.mark.rule("C-111")
def test_danger_is_seen_without_a_price() -> None:
    assert why(quote(bid=None, ask=None, delta=-0.5), None) is not None
    assert why(quote(bid=None, ask=None, delta=-0.2), None) is None
    assert why(None, None) is None


@pytest.mark.parametrize(("left_ms", "leaves"), [(3 * DAY_MS + 1, False), (3 * DAY_MS, True)])
@pytest.mark.parametrize("short", [quote(delta=-0.2), None])
def test_three_days_before_expiry_it_ends_priced_or_not(
    left_ms: int, leaves: bool, short: Quote | None
) -> None:
    assert (why(short, None, now_ms=EXPIRY_MS - left_ms) is not None) is leaves


def test_a_spread_that_brought_nothing_has_no_share_to_capture() -> None:
    free = {SHORT: held("-0.3", "0.0040"), LONG: held("0.3", "0.0040")}
    assert why(quote(ask="0.0001", delta=-0.2), quote(delta=-0.1), held=free) is None


_OTHERS = {
    known.name: known
    for known in (
        listed(50000, OptionType.CALL),
        listed(50000, OptionType.PUT, days=20),
    )
}
_CALL, _SOONER = _OTHERS


@pytest.mark.rule("C-402")
@pytest.mark.parametrize(
    ("beside", "protects"),
    [
        ({LONG: held("0.3")}, True),
        ({LONG: held("0.4")}, True),
        ({LONG: held("0.2")}, False),
        ({LONG: held("-0.3")}, False),
        ({}, False),
        ({_CALL: held("0.3")}, False),  # of the other type
        ({_SOONER: held("0.3")}, False),  # gone before it is needed
        ({InstrumentName("BTC-1JAN26-50000-P"): held("0.3")}, False),  # of no known definition
    ],
)
def test_a_short_option_without_as_much_protection_is_bought_back(
    beside: dict[InstrumentName, Held], protects: bool
) -> None:
    seen = spread(
        instruments={**spread().instruments, **_OTHERS},
        held={SHORT: held("-0.3", "0.0120"), **beside},
    )
    assert (protection_of(seen, SHORT) is not None) is protects
    reason = reason_to_leave(seen, VerticalParams(), short=SHORT)
    assert (reason == f"{SHORT} has too little protection") is not protects
