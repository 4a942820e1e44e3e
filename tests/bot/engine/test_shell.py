"""What the shell says at the last moment before an order's first byte [C-007]."""

from typing import Any

import pytest

from bot.core.event import Disconnected, OperatorMode
from bot.domain.mode import Mode
from bot.engine.clock import LocalClock, VenueClock
from bot.engine.inbox import Inbox
from bot.engine.shell import Shell
from tests.bot.core.desk import Desk, ready


class Silent:
    """A log of nothing."""

    dropped = 0

    def say(self, event: str, *, at_ms: int, **facts: Any) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Do nothing."""


def why_not(desk: Desk) -> str | None:
    """Ask a shell that has the desk's state."""
    inbox = Inbox(venue=VenueClock(LocalClock(speed=1.0)))
    return Shell(desk.state, inbox=inbox, log=Silent()).why_not_open()


@pytest.mark.rule("C-007", "C-303")
def test_an_open_is_held_back_until_its_last_moment() -> None:
    desk = ready()
    assert why_not(desk) is None
    desk.feed(OperatorMode(request_id="r-1", mode=Mode.KILL, by="owner", why="drill"))
    assert why_not(desk) == "the mode is KILL"


@pytest.mark.rule("C-303")
def test_a_shut_latch_holds_an_open_back() -> None:
    desk = ready()
    desk.feed(Disconnected(epoch=1, why="cut"))
    assert why_not(desk) == "opens are shut"
