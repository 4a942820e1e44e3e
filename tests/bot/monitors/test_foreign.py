"""What is not ours is never traded against in silence [C-509]."""

import pytest

from bot.domain.reason import Reason
from bot.monitors.foreign import check
from tests.bot.monitors.quiet import reason_of, sight


@pytest.mark.rule("C-509")
@pytest.mark.parametrize(("orders", "expected"), [((), None), (("x",), Reason.FOREIGN_ORDER)])
def test_a_strangers_order_shuts_opens(orders: tuple[str, ...], expected: Reason | None) -> None:
    assert reason_of(check, sight(foreign_orders=orders)) is expected


@pytest.mark.rule("C-509")
@pytest.mark.parametrize(
    ("orders", "positions", "expected"),
    [
        ((), (), None),
        ((), ("x",), Reason.FOREIGN_POSITION),
        (("x",), ("y",), Reason.FOREIGN_ORDER),
    ],
)
def test_a_strangers_position_shuts_opens(
    orders: tuple[str, ...], positions: tuple[str, ...], expected: Reason | None
) -> None:
    seen = sight(foreign_orders=orders, foreign_positions=positions)
    assert reason_of(check, seen) is expected
