"""What the view tells of strangers [C-509]."""

import pytest

from bot.control.publish import publish
from bot.control.render import status_screen
from bot.control.view import View
from bot.domain.side import Side
from bot.domain.verdict import Verdict
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import CALL
from tests.bot.core.stranger import decide, foreign_fill, foreign_order

ORDER = "sell 1 BTC-26JUN26-70000-C @ 0.014"
POSITION = "-0.4 BTC-26JUN26-70000-C"


def view_of(desk: Desk) -> View:
    return publish(desk.state, fills=(), events=())


@pytest.mark.rule("C-509")
def test_strangers_are_named_with_what_was_decided_and_the_undecided_come_first() -> None:
    desk = ready()
    desk.hold(CALL, Side.SELL, "0.1")
    foreign_order(desk)
    decide(desk, Verdict.IGNORE, "x-1", ORDER)
    foreign_fill(desk, Side.SELL, "0.4", trade="f-1")
    told = [(row.kind, row.subject, row.text, row.verdict) for row in view_of(desk).status.foreign]
    assert told == [
        ("position", CALL.name, POSITION, None),
        ("order", "x-1", ORDER, "ignore"),
    ]
    (mine,) = view_of(desk).positions
    assert (mine.instrument, mine.size) == (CALL.name, "-0.1")


@pytest.mark.rule("C-509", "C-602")
def test_the_status_names_who_is_not_decided_on_and_what_to_do() -> None:
    desk = ready()
    foreign_order(desk)
    status = view_of(desk).status
    assert status.lines[1].startswith("Opens shut (FOREIGN_ORDER): an order at the venue was not")
    assert status.lines[2] == "Do: decide on it: bot recon foreign list"
    screen = status_screen(status, held=(), events=(), is_ascii=False)
    assert f"orders    0 live, 0 unknown, 1 foreign ! {ORDER}" in screen
    decide(desk, Verdict.IGNORE, "x-1", ORDER)
    desk.tick()
    assert "orders    0 live, 0 unknown, 1 foreign" in status_screen(
        view_of(desk).status, held=(), events=(), is_ascii=False
    )
