"""Sizes the venue takes, and the policy allows [C-107]."""

from decimal import Decimal

import pytest

from bot.domain.money import Price
from bot.domain.reason import Reason
from bot.gates.size import check
from tests.bot.gates.world import facts, intent, perpetual_facts, reason_of


@pytest.mark.rule("C-107")
@pytest.mark.parametrize(
    ("amount", "role", "expected"),
    [
        ("0.1", "OPEN", None),
        ("2", "OPEN", None),
        ("2.1", "OPEN", Reason.SIZE_ORDER),
        ("2.1", "CLOSE", None),
        ("0.15", "OPEN", Reason.SIZE_OFF_STEP),
        ("0.15", "CLOSE", Reason.SIZE_OFF_STEP),
        ("0.05", "CLOSE", Reason.SIZE_OFF_STEP),
        ("0", "OPEN", Reason.SIZE_BELOW_MIN),
        ("0", "CLOSE", Reason.SIZE_BELOW_MIN),
        ("-0.1", "CLOSE", Reason.SIZE_BELOW_MIN),
    ],
)
def test_an_options_size_is_on_the_step_and_within_bounds(
    amount: str, role: str, expected: Reason | None
) -> None:
    assert reason_of(check, intent(amount=amount, role=role)) is expected


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("index", "expected"),
    [("125000", None), ("125000.01", Reason.NOTIONAL_ORDER), (None, Reason.NOTIONAL_ORDER)],
)
def test_two_coins_may_move_a_quarter_million(index: str | None, expected: Reason | None) -> None:
    seen = facts(index=None if index is None else Price(Decimal(index)))
    assert reason_of(check, intent(amount="2"), seen) is expected


@pytest.mark.rule("C-107")
@pytest.mark.parametrize(
    ("amount", "role", "expected"),
    [
        ("15", "OPEN", Reason.SIZE_OFF_STEP),  # DOMAIN §1.1
        ("10", "OPEN", None),
        ("250000", "OPEN", None),
        ("250010", "OPEN", Reason.NOTIONAL_ORDER),
        ("250010", "HEDGE", None),
    ],
)
def test_a_perpetuals_size_is_its_notional(amount: str, role: str, expected: Reason | None) -> None:
    for index in (None, Price(Decimal(60000))):  # its amount is USD already
        seen = perpetual_facts(index=index)
        assert reason_of(check, intent(amount=amount, role=role), seen) is expected
