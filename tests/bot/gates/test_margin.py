"""Margin after the order [C-116] (DOMAIN §5.1): 40 % initial, 25 % maintenance."""

from decimal import Decimal

import msgspec
import pytest

from bot.domain.reason import Reason
from bot.gates.margin import check
from tests.bot.gates.world import FACTS, OPEN, facts, reason_of


@pytest.mark.rule("C-116")
@pytest.mark.parametrize(
    ("initial", "maintenance", "expected"),
    [
        ("4", "2.5", None),  # of a balance of 10
        ("4.00000001", "2.5", Reason.MARGIN_WHAT_IF),
        ("4", "2.50000001", Reason.MARGIN_WHAT_IF),
        (None, "1", Reason.MARGIN_WHAT_IF),
        ("1", None, Reason.MARGIN_WHAT_IF),
    ],
)
def test_each_margin_use_holds_to_its_limit_and_no_further(
    initial: str | None, maintenance: str | None, expected: Reason | None
) -> None:
    seen = facts(
        margin_after=None if initial is None else Decimal(initial),
        maintenance_after=None if maintenance is None else Decimal(maintenance),
    )
    assert reason_of(check, OPEN, seen) is expected


@pytest.mark.rule("C-116")
def test_no_account_and_no_balance_open_nothing() -> None:
    account = FACTS.account
    assert account is not None
    assert reason_of(check, OPEN, facts(account=None)) is Reason.MARGIN_WHAT_IF
    for balance in ("0", "-1"):
        broke = msgspec.structs.replace(account, margin_balance=Decimal(balance))
        seen = facts(account=broke, margin_after=Decimal(0), maintenance_after=Decimal(0))
        assert reason_of(check, OPEN, seen) is Reason.MARGIN_WHAT_IF


@pytest.mark.rule("C-116")
@pytest.mark.parametrize(
    ("is_portfolio", "expected"),
    [(None, None), (False, None), (True, Reason.MARGIN_WHAT_IF)],
)
def test_an_account_margined_as_a_portfolio_opens_nothing(
    is_portfolio: bool | None, expected: Reason | None
) -> None:
    assert FACTS.account is not None
    account = msgspec.structs.replace(FACTS.account, is_portfolio_margined=is_portfolio)
    assert reason_of(check, OPEN, facts(account=account)) is expected
