"""Positions as rows: with how far the guard is in closing them [C-403, C-602]."""

import pytest

from bot.control.rows import position_rows, position_rows_of
from bot.control.view import ClosingRow
from bot.core.event import OperatorFlatten
from bot.core.flatten import plan_of
from bot.domain.side import Side
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import PUT

pytestmark = pytest.mark.rule("C-403")


def test_a_position_that_is_being_closed_says_so_from_engine_and_ledger_alike() -> None:
    desk = closing()
    [row] = position_rows(desk.state)
    assert row.closing == ClosingRow(
        side="buy", left="0.2", step=0, by="ann", why="news", since="2026-06-01T12:00:00.000Z"
    )
    [kept] = position_rows_of(desk.state.durable)
    assert kept.closing == row.closing


def test_its_step_counts_the_orders_so_far() -> None:
    desk = closing()
    desk.wait(100)
    desk.quote()
    desk.tick()
    [row] = position_rows(desk.state)
    assert row.closing is not None
    assert row.closing.step == 1


def test_a_position_that_nobody_closes_says_nothing() -> None:
    desk = ready()
    desk.hold(PUT, Side.SELL, "0.2")
    assert [row.closing for row in position_rows(desk.state)] == [None]


def closing() -> Desk:
    """Hold a short put, and ask for a flatten."""
    desk = ready()
    desk.hold(PUT, Side.SELL, "0.2")
    desk.quote()
    plan = plan_of(desk.state).hash
    desk.feed(OperatorFlatten(request_id="f", plan=plan, by="ann", why="news"))
    return desk
