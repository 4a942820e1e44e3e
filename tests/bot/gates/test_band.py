"""The venue's price band, and the grid [C-107]."""

import pytest

from bot.domain.reason import Reason
from bot.gates.band import check
from tests.bot.gates.world import facts, intent, reason_of, ticker


@pytest.mark.rule("C-107")
@pytest.mark.parametrize("role", ["OPEN", "CLOSE"])
@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("0.0100", None),
        ("0.0095", Reason.PRICE_BAND),
        ("0.0200", None),
        ("0.0205", Reason.PRICE_BAND),
        ("0.0101", Reason.ILLEGAL_ORDER),  # above 0.005 the tick is 0.0005
        ("0", Reason.ILLEGAL_ORDER),
        ("-0.0100", Reason.ILLEGAL_ORDER),
    ],
)
def test_a_price_is_on_the_grid_and_in_the_band(
    price: str, role: str, expected: Reason | None
) -> None:
    seen = facts(ticker=ticker(price_min="0.0100", price_max="0.0200"))
    assert reason_of(check, intent(price=price, role=role), seen) is expected


@pytest.mark.rule("C-309")
def test_an_unknown_band_refuses_opens_and_holds_no_exit() -> None:
    assert reason_of(check, intent(), facts(ticker=None)) is Reason.PRICE_BAND
    assert reason_of(check, intent(role="CLOSE"), facts(ticker=None)) is None
