"""We never trade with ourselves [C-107]."""

from decimal import Decimal

import pytest

from bot.domain.money import Price
from bot.domain.reason import Reason
from bot.domain.side import Side
from bot.gates.facts import OwnOrder
from bot.gates.self_cross import check
from tests.bot.gates.world import facts, intent, reason_of


@pytest.mark.rule("C-107")
@pytest.mark.parametrize("role", ["OPEN", "CLOSE"])
@pytest.mark.parametrize(
    ("side", "price", "own_side", "own_price", "expected"),
    [
        ("sell", "0.0140", Side.BUY, "0.0135", None),
        ("sell", "0.0135", Side.BUY, "0.0135", Reason.SELF_CROSS),
        ("sell", "0.0130", Side.BUY, "0.0135", Reason.SELF_CROSS),
        ("buy", "0.0140", Side.SELL, "0.0145", None),
        ("buy", "0.0145", Side.SELL, "0.0145", Reason.SELF_CROSS),
        ("buy", "0.0150", Side.SELL, "0.0145", Reason.SELF_CROSS),
        ("buy", "0.0150", Side.BUY, "0.0145", None),  # the same side never meets
    ],
)
def test_a_price_that_meets_our_own_order_is_refused(
    side: str, price: str, own_side: Side, own_price: str, role: str, expected: Reason | None
) -> None:
    far = OwnOrder(side=own_side, price=Price(Decimal("0.0001" if own_side is Side.BUY else "9")))
    near = OwnOrder(side=own_side, price=Price(Decimal(own_price)))
    seen = facts(own=(far, near))
    assert reason_of(check, intent(side=side, price=price, role=role), seen) is expected


@pytest.mark.rule("C-107")
@pytest.mark.rule("C-309")
@pytest.mark.parametrize(("role", "expected"), [("OPEN", Reason.SELF_CROSS), ("CLOSE", None)])
def test_an_order_that_may_never_come_stops_opens_and_no_exit(
    role: str, expected: Reason | None
) -> None:
    doubted = OwnOrder(side=Side.BUY, price=Price(Decimal("0.0135")), is_known_to_rest=False)
    seen = facts(own=(doubted,))
    assert reason_of(check, intent(side="sell", price="0.0130", role=role), seen) is expected
