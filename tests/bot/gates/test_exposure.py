"""Portfolio limits at worst case, this order counted as filled [C-114] (DOMAIN §5.1)."""

from dataclasses import replace
from decimal import Decimal
from math import inf, nan

import pytest

from bot.domain.money import Amount, Price
from bot.domain.reason import Reason
from bot.gates.exposure import check
from bot.portfolio.exposure import Exposure
from tests.bot.gates.world import FACTS, OPEN, facts, perpetual_facts, reason_of, span

assert isinstance(FACTS.exposure, Exposure)
CALM: Exposure = FACTS.exposure


@pytest.mark.rule("C-114")
@pytest.mark.parametrize(
    ("figure", "worst", "index", "expected"),
    [
        ("delta", 2.0, "60000", None),
        ("delta", 2.0001, "60000", Reason.DELTA_LIMIT),
        ("delta", 1.5, "100000", None),  # 150 000 USD in total
        ("delta", 1.5001, "100000", Reason.DELTA_LIMIT),
        ("gamma", 0.5, "60000", None),
        ("gamma", 0.5001, "60000", Reason.GAMMA_LIMIT),
        ("gamma", 0.4, "100000", None),  # 40 000 USD per 1 % in total
        ("gamma", 0.4001, "100000", Reason.GAMMA_LIMIT),
        ("vega", 2000.0, "60000", None),
        ("vega", 2000.1, "60000", Reason.VEGA_LIMIT),
        ("delta", nan, "60000", Reason.DELTA_LIMIT),
        ("gamma", inf, "60000", Reason.GAMMA_LIMIT),
        ("vega", nan, "60000", Reason.VEGA_LIMIT),
    ],
)
def test_each_greek_holds_to_its_limit_and_no_further(
    figure: str, worst: float, index: str, expected: Reason | None
) -> None:
    exposure = replace(CALM, **{figure: span(worst)})
    seen = facts(exposure=exposure, index=Price(Decimal(index)))
    assert reason_of(check, OPEN, seen) is expected


@pytest.mark.rule("C-114")
@pytest.mark.parametrize(
    ("fact", "size", "expected"),
    [
        ("gross_options", "40", None),
        ("gross_options", "40.1", Reason.GROSS_OPTIONS),
        ("short_of_expiry", "10", None),
        ("short_of_expiry", "10.1", Reason.SHORT_OPTIONS_EXPIRY),
    ],
)
def test_option_sizes_hold_to_their_limits(fact: str, size: str, expected: Reason | None) -> None:
    sized = Amount(Decimal(size))
    assert reason_of(check, OPEN, facts(**{fact: sized})) is expected
    assert reason_of(check, OPEN, perpetual_facts(**{fact: sized})) is None


@pytest.mark.rule("C-108")
def test_risk_that_cannot_be_computed_is_too_much() -> None:
    assert reason_of(check, OPEN, facts(exposure="BTC-26JUN26-72000-C")) is Reason.GREEKS_UNKNOWN
    assert reason_of(check, OPEN, facts(index=None)) is Reason.GREEKS_UNKNOWN
