"""How much of the account is margin (DOMAIN §11.3): above 50 % initial, 80 % maintenance."""

import pytest

from bot.domain.ids import Currency
from bot.domain.reason import Reason
from bot.monitors.margin import critical, use
from tests.bot.monitors.quiet import money, reason_of, sight

BTC, ETH = Currency("BTC"), Currency("ETH")


@pytest.mark.rule("C-306")
@pytest.mark.parametrize(
    ("margin", "balance", "expected"),
    [
        ("5", "10", None),
        ("5.00000001", "10", Reason.MARGIN_USE),
        ("0", "0", None),
        ("0.1", "0", Reason.MARGIN_USE),  # a balance of nothing is infinite use
        ("0.1", "-1", Reason.MARGIN_USE),
    ],
)
def test_initial_use_above_half_is_a_cause(
    margin: str, balance: str, expected: Reason | None
) -> None:
    seen = sight(money={BTC: money(initial_margin=margin, margin_balance=balance)})
    assert reason_of(use, seen) is expected


@pytest.mark.rule("C-306")
@pytest.mark.parametrize(
    ("margin", "balance", "expected"),
    [
        ("8", "10", None),
        ("8.00000001", "10", Reason.MARGIN_CRITICAL),
        ("0", "0", None),
        ("0.1", "0", Reason.MARGIN_CRITICAL),
        ("0.1", "-1", Reason.MARGIN_CRITICAL),
    ],
)
def test_maintenance_use_above_four_fifths_is_a_cause(
    margin: str, balance: str, expected: Reason | None
) -> None:
    seen = sight(money={BTC: money(maintenance_margin=margin, margin_balance=balance)})
    assert reason_of(critical, seen) is expected


@pytest.mark.rule("C-306")
def test_each_currency_is_looked_at_by_itself() -> None:
    accounts = {BTC: money(), ETH: money(initial_margin="9", maintenance_margin="9")}
    assert reason_of(use, sight(money=accounts)) is Reason.MARGIN_USE
    assert reason_of(critical, sight(money=accounts)) is Reason.MARGIN_CRITICAL
