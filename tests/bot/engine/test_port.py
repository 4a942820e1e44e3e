"""Acts through the engine's port: what the core says reaches the operator in words [C-601]."""

from pathlib import Path

import pytest
import trio

from bot.control.errors import UserError
from bot.control.port import Acted, Flatten
from bot.core.effect import Answer
from bot.core.event import OperatorDown
from bot.domain.mode import Mode
from bot.domain.side import Side
from bot.engine.clock import LocalClock, VenueClock
from bot.engine.inbox import Inbox
from bot.engine.port import EnginePort
from bot.engine.shell import Shell
from tests.bot.core.desk import Desk, ready
from tests.bot.core.market import PUT
from tests.bot.engine.test_shell import Silent

pytestmark = [pytest.mark.trio, pytest.mark.rule("C-403")]


class Counter:
    """A port over a desk: what is put into the inbox is fed to the real core."""

    def __init__(self, desk: Desk, home: Path) -> None:
        self.desk = desk
        inbox = Inbox(venue=VenueClock(LocalClock(speed=1.0)))
        self.shell = Shell(desk.state, inbox=inbox, log=Silent())
        self.port = EnginePort(self.shell, log=Silent(), home=home)

    async def ask(self, plan: str) -> Acted:
        """Ask for a flatten, and let the core take what it finds."""
        act = Flatten(plan=plan, by="ann", reason="news", request_id="r-1")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._serve)
            try:
                return await self.port.act(act)
            finally:
                nursery.cancel_scope.cancel()

    async def _serve(self) -> None:
        event = await self.shell.inbox.get()
        effects = self.desk.feed(event.what)
        self.shell.state = self.desk.state
        [answer] = [effect for effect in effects if isinstance(effect, Answer)]
        self.shell.answered[answer.request_id] = answer
        self.shell.answers[answer.request_id].set()


def holding(home: Path) -> Counter:
    desk = ready()
    desk.hold(PUT, Side.SELL, "0.2")
    desk.quote()
    return Counter(desk, home)


async def refused(counter: Counter, plan: str) -> UserError:
    with pytest.raises(BaseException) as raised:  # noqa: PT011  # a nursery's group around it
        await counter.ask(plan)
    found = raised.value
    while isinstance(found, BaseExceptionGroup):
        [found] = found.exceptions
    assert isinstance(found, UserError)
    return found


async def test_a_flatten_of_the_plan_that_was_seen_is_accepted(tmp_path: Path) -> None:
    counter = holding(tmp_path)
    acted = await counter.ask(counter.port.flatten_plan().hash)
    assert acted.state == "accepted"
    assert counter.desk.state.durable.mode is Mode.REDUCE_ONLY
    [row] = counter.port.view().positions
    assert row.closing is not None, "what follows the answer shows it already"


async def test_another_plan_is_changed_and_the_new_one_is_named(tmp_path: Path) -> None:
    counter = holding(tmp_path)
    error = await refused(counter, "0" * 12)
    assert (error.body.code, error.body.exit) == ("CHANGED", 4)
    assert error.body.details["plan"] == counter.port.flatten_plan().hash
    assert not counter.desk.state.durable.closings


async def test_nothing_held_is_refused_in_words_of_its_own(tmp_path: Path) -> None:
    error = await refused(Counter(ready(), tmp_path), "0" * 12)
    assert (error.body.code, error.body.exit) == ("REFUSED", 4)
    assert error.body.what == "Not sent: nothing is held. Nothing was changed."


async def test_an_engine_that_stops_takes_no_flatten(tmp_path: Path) -> None:
    counter = holding(tmp_path)
    down = OperatorDown(request_id=None, by="ann", why="enough", cancel_opens=True)
    counter.desk.feed(down)
    counter.shell.state = counter.desk.state
    error = await refused(counter, counter.port.flatten_plan().hash)
    assert error.body.code == "STOPPING"
    assert not counter.desk.state.durable.closings


async def test_a_plan_is_made_once_a_view_however_often_it_is_asked_for(tmp_path: Path) -> None:
    counter = holding(tmp_path)
    first = counter.port.flatten_plan()
    counter.desk.hold(PUT, Side.SELL, "0.1", trade="t-9")
    counter.shell.state = counter.desk.state
    assert counter.port.flatten_plan() is first
    counter.port.refresh()
    assert counter.port.flatten_plan().exits[0].amount == "0.3"


async def test_what_is_held_is_asked_of_the_core_and_not_of_the_last_plan(tmp_path: Path) -> None:
    counter = holding(tmp_path)
    seen = counter.port.flatten_plan()
    counter.desk.hold(PUT, Side.SELL, "0.1", trade="t-9")
    counter.shell.state = counter.desk.state
    error = await refused(counter, seen.hash)
    assert error.body.details["plan"] == counter.port.flatten_plan().hash != seen.hash
