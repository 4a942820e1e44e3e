"""The witnesses against real processes: what goes wrong there is found, not only what is planted.

Each test lets the real engine trade on the real exchange, and spoils one thing around it.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import trio

from bot.domain.mode import Environment
from bot.engine.embedded import Endpoint, ensure_exchange, stop_exchange
from bot.engine.home import Home, make_home
from bot.engine.options import RunOptions
from bot.engine.run import run_engine
from bot.engine.seams import REAL, Seams
from bot.venue.link import Dial, Link
from bot.venue.websocket import websocket_dial
from drills.crash.cycle import run_forked
from drills.frame import label_in
from drills.judge import Verdict, judge
from drills.lively import CHURN, make_lively
from drills.witness_ledger import read_story
from drills.witness_venue import ask_story

# The exchange outlives the object that started it: that is what it is for.
pytestmark = pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Return a lively home whose exchange is ended after the test."""
    made = make_home(tmp_path)
    make_lively(made.path, strategy=CHURN)
    yield made
    stop_exchange(made, exchange(made))


def exchange(home: Home) -> Endpoint:
    """Return the home's exchange, started if need be."""
    return ensure_exchange(home, seed=7, market=None, speed=1.0)


def trade(home: Home, *, seams: Seams, for_s: float) -> None:
    """Let the engine trade for a while in a process of its own; it ends in order."""
    exchange(home)
    options = RunOptions(
        home=home.path,
        environment=Environment.DEV,
        seed=7,
        for_s=for_s,
        market=None,
        speed=1.0,
        strategy=None,
        live_confirmed=False,
        as_json=True,
    )
    run_forked(
        home.path,
        lambda _trap: trio.run(partial(run_engine, options, seams)),
        set_=None,
        limit_s=60.0,
    )


def verdict(home: Home) -> Verdict:
    """Hear both witnesses."""
    exchange(home)
    return judge(ask_story(home.path), read_story(home.path))


class Twice:
    """A line that sends each order a second time, as a careless reconnect would."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def send(self, text: bytes) -> None:
        await self._link.send(text)
        if label_in(text) is not None:
            await self._link.send(text)

    async def receive(self) -> bytes:
        return await self._link.receive()

    async def aclose(self) -> None:
        await self._link.aclose()


def dial_twice(url: str) -> Dial:
    """Dial such a line."""

    @asynccontextmanager
    async def dial() -> AsyncIterator[Link]:
        async with websocket_dial(url)() as link:
            yield Twice(link)

    return dial


@pytest.mark.rule("C-207")
def test_an_order_that_is_sent_twice_is_found(home: Home) -> None:
    trade(home, seams=replace(REAL, dial=dial_twice), for_s=3.0)
    found = verdict(home)
    assert found.duplicates
    assert "has 2 orders at the venue" in found.duplicates[0]


@pytest.mark.rule("C-201")
@pytest.mark.rule("C-209")
def test_a_ledger_that_forgot_is_found(home: Home) -> None:
    trade(home, seams=REAL, for_s=0.3)
    kept = home.path / "kept.db"
    shutil.copy(home.path / "ledger.db", kept)
    trade(home, seams=REAL, for_s=4.0)
    assert verdict(home).is_good
    for file in home.path.glob("ledger.db*"):
        file.unlink()
    shutil.copy(kept, home.path / "ledger.db")
    found = verdict(home)
    assert found.sent_before_durable
    assert found.lost_fills
