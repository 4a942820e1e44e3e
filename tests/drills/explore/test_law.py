"""What no step may do is noticed when one does it."""

from dataclasses import replace

import msgspec
import pytest

from bot.core.event import OperatorMode
from bot.core.state import State
from bot.domain.ids import GroupId
from bot.domain.mode import Mode
from drills.explore.alphabet import ALPHABET
from drills.explore.law import Sent, broken_by
from drills.explore.supremacy import Exit, exits
from drills.explore.world import begin


def killed() -> State:
    world = begin()
    world.feed(OperatorMode(request_id="k", mode=Mode.KILL, by="owner", why="test"))
    return world.state


def broken(before: State, after: State, *, asked: int = 0, sent: Sent | None = None) -> str:
    return "; ".join(broken_by(before, after, (), asked=asked, sent=sent or Sent())[1])


@pytest.mark.rule("C-302")
def test_a_mode_that_loosens_without_a_rearm_is_told() -> None:
    before = killed()
    after = replace(before, durable=msgspec.structs.replace(before.durable, causes={}))
    assert "from KILL to ACTIVE without a rearm" in broken(before, after)
    assert broken(after, before) == ""  # tightening is always allowed


@pytest.mark.rule("C-303")
def test_an_open_latch_without_a_line_is_told() -> None:
    after = begin().state
    assert broken(after, after) == ""
    cut = replace(after, link=replace(after.link, is_up=False))
    assert "latch is open without a proof" in broken(after, cut)


@pytest.mark.rule("C-002")
def test_a_strategy_that_is_asked_under_kill_is_told() -> None:
    before = killed()
    assert "asked under KILL" in broken(before, before, asked=1)


@pytest.mark.rule("C-402")
def test_a_third_rescue_is_told() -> None:
    world = begin()
    propose = next(letter for letter in ALPHABET if letter.name == "a group is proposed")
    propose.do(world)
    group = world.state.durable.group
    assert group is not None
    assert broken(world.state, world.state, sent=Sent(GroupId(group.group_id), 2)) == ""
    assert "3 rescues" in broken(world.state, world.state, sent=Sent(group.group_id, 3))


@pytest.mark.rule("C-309")
def test_a_position_without_a_price_is_one_that_nothing_excuses() -> None:
    world = begin()
    for name in ("a group is proposed", "answered: whole"):
        next(letter for letter in ALPHABET if letter.name == name).do(world)
    assert [found for _, found, _ in exits(world.state)] == [Exit.PERMITTED]
    blind = replace(world.state, market=replace(world.state.market, tickers={}, books={}))
    assert [found for _, found, _ in exits(blind)] == [Exit.FORBIDDEN]
    cut = replace(blind, link=replace(blind.link, is_up=False))
    assert [found for _, found, _ in exits(cut)] == [Exit.LINE_DOWN]
