"""What comes off, and how: first the least, then ever more [C-305]."""

from decimal import Decimal

import pytest

from bot.domain.ids import InstrumentName, Label, OrderId
from bot.domain.money import Amount, Price
from bot.domain.order import OrderState, TimeInForce
from bot.domain.report import OrderReport
from bot.domain.side import Side
from bot.watchdog.risk import ById, ByLabel, Everything, Step, risky, steps

pytestmark = [pytest.mark.rule("C-505"), pytest.mark.rule("C-305")]


def order(name: str, *, label: str | None = "bot-1", reduce_only: bool = False) -> OrderReport:
    return OrderReport(
        order_id=OrderId(name),
        label=None if label is None else Label(label),
        instrument=InstrumentName("BTC-PERPETUAL"),
        side=Side.BUY,
        state=OrderState.OPEN,
        price=Price(Decimal(60_000)),
        amount=Amount(Decimal(10)),
        filled=Amount(Decimal(0)),
        average=None,
        time_in_force=TimeInForce.GTC,
        post_only=False,
        reduce_only=reduce_only,
        created_ms=1,
        updated_ms=1,
    )


A, B = order("a", label="x"), order("b", label="x")
BARE = order("c", label=None)


def test_only_reduce_only_orders_may_stay() -> None:
    assert risky([A, order("exit", reduce_only=True), BARE]) == (A, BARE)


@pytest.mark.parametrize(
    ("seen", "tries", "expected"),
    [
        ((), 0, ()),
        ((), 9, ()),
        ((A, B, BARE), 0, (ById("a"), ById("b"), ById("c"))),
        ((A, B, BARE), 1, (ById("a"), ById("b"), ById("c"))),
        ((A, B, BARE), 2, (ByLabel("x"), ById("c"))),
        ((A, B, BARE), 3, (Everything(),)),
        ((A,) * 10, 0, (ById("a"),) * 10),
        ((A,) * 11, 0, (Everything(),)),
        (None, 0, (Everything(),)),
        (None, 9, (Everything(),)),
    ],
)
def test_each_round_that_did_not_help_is_followed_by_a_blunter_one(
    seen: tuple[OrderReport, ...] | None, tries: int, expected: tuple[Step, ...]
) -> None:
    assert steps(seen, tries=tries) == expected
