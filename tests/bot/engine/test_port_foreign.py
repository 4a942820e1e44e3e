"""What an operator is answered who decides on a stranger [C-509]."""

from pathlib import Path

import pytest
import trio

from bot.control.errors import UserError
from bot.control.port import Classify
from bot.core.effect import Answer
from bot.domain.verdict import Verdict
from bot.engine.clock import LocalClock, VenueClock
from bot.engine.inbox import Inbox
from bot.engine.port import EnginePort
from bot.engine.shell import Shell
from tests.bot.core.desk import Desk, ready
from tests.bot.core.stranger import foreign_order
from tests.bot.engine.test_shell import Silent

ORDER = "sell 1 BTC-26JUN26-70000-C @ 0.014"


async def answer_one(shell: Shell, desk: Desk) -> None:
    """Take one event as the shell does, on a desk whose records are durable at once."""
    event = await shell.inbox.get()
    for effect in desk.feed(event.what):
        if isinstance(effect, Answer):
            shell.answered[effect.request_id] = effect
            shell.answers[effect.request_id].set()
    shell.state = desk.state


@pytest.mark.rule("C-509")
@pytest.mark.trio
@pytest.mark.parametrize(
    ("subject", "expect", "code"),
    [
        ("x-1", ORDER, None),
        ("x-1", "sell 2 BTC-26JUN26-70000-C @ 0.014", "CHANGED"),
        ("x-2", ORDER, "NOT_FOUND"),
    ],
)
async def test_a_decision_is_answered_once_durable_or_says_why_not(
    tmp_path: Path, subject: str, expect: str, code: str | None
) -> None:
    desk = ready()
    foreign_order(desk)
    inbox = Inbox(venue=VenueClock(LocalClock(speed=1.0)))
    shell = Shell(desk.state, inbox=inbox, log=Silent())
    port = EnginePort(shell, log=Silent(), home=tmp_path)
    act = Classify(
        subject=subject,
        verdict=Verdict.IGNORE,
        expect=expect,
        by="ana",
        reason="known",
        request_id="q-1",
    )
    said: list[str | None] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer_one, shell, desk)
        try:
            acted = await port.act(act)
            assert acted.state == "done"
            said.append(None)
        except UserError as error:
            said.append(error.body.code if "Nothing was changed." in error.body.what else "?")
    assert said == [code]
