"""A day's loss and the fall from the best equity have an end [C-003]: 3 % and 8 %."""

import pytest

from bot.domain.ids import Currency
from bot.domain.reason import Reason
from bot.monitors.loss import day_loss, drawdown
from tests.bot.monitors.quiet import POLICY, money, reason_of, sight

BTC, ETH = Currency("BTC"), Currency("ETH")


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("equity", "day_equity", "expected"),
    [
        ("10", "10", None),
        ("9.70000001", "10", None),
        ("9.7", "10", Reason.LOSS_DAY),  # a loss of 0.3 is 3 %
        ("9.69999999", "10", Reason.LOSS_DAY),
        ("11", "10", None),
        ("0", "0", None),  # an empty account has lost nothing
        ("-0.1", "0", Reason.LOSS_DAY),
    ],
)
def test_a_day_that_loses_its_limit_is_over(
    equity: str, day_equity: str, expected: Reason | None
) -> None:
    seen = sight(money={BTC: money(equity=equity, day_equity=day_equity)})
    assert reason_of(day_loss, seen) is expected


@pytest.mark.rule("C-003")
@pytest.mark.parametrize(
    ("equity", "peak", "expected"),
    [
        ("10", "10", None),
        ("9.20000001", "10", None),
        ("9.2", "10", Reason.DRAWDOWN),  # a fall of 0.8 is 8 %
        ("9.1", "10", Reason.DRAWDOWN),
        ("0", "0", None),
        ("-0.1", "0", Reason.DRAWDOWN),
    ],
)
def test_a_fall_from_the_peak_by_its_limit_is_the_end(
    equity: str, peak: str, expected: Reason | None
) -> None:
    seen = sight(money={BTC: money(equity=equity, peak_equity=peak)})
    assert reason_of(drawdown, seen) is expected


@pytest.mark.rule("C-003")
def test_a_gain_in_one_currency_does_not_hide_a_loss_in_another() -> None:
    accounts = {BTC: money(equity="20"), ETH: money(equity="9")}
    assert reason_of(day_loss, sight(money=accounts)) is Reason.LOSS_DAY
    assert reason_of(drawdown, sight(money=accounts)) is Reason.DRAWDOWN


@pytest.mark.rule("C-005")
def test_losses_say_what_they_are_measured_from() -> None:
    fallen = sight(money={BTC: money(equity="9")})
    loss, fall = day_loss(fallen, POLICY), drawdown(fallen, POLICY)
    assert loss is not None
    assert fall is not None
    assert loss.detail == "1 of 0.30 BTC from 08:00 UTC"
    assert fall.detail == "1 of 0.80 BTC from the peak"
