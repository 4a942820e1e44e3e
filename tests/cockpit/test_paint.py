"""Every size and every state gives a whole screen with the banner on top."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.control.ending import NeverStarted
from bot.control.lines import words_of
from bot.control.view import Latch, ModeWord
from cockpit.dialog import AskKill, AskReduce, Notice
from cockpit.model import TOPICS, Model
from cockpit.paint import paint
from tests.bot.control.fake_engine import (
    POSITIONS,
    a_cause,
    a_closing,
    a_status,
    an_event,
    an_order,
)

SCREENS = ("watch", "positions", "orders", "events", "help")
CLOSING = tuple(msgspec.structs.replace(row, closing=a_closing()) for row in POSITIONS)


def a_model(**changes: object) -> Model:
    model = Model(
        ending=NeverStarted(home="~/bot"),
        is_connected=True,
        fresh=TOPICS,
        status=a_status(),
        mode=ModeWord.ACTIVE,
        seen_at="2026-11-25T11:25:19.000Z",
        positions=POSITIONS,
        orders=(an_order(),),
        events=tuple(an_event(n) for n in range(300)),
    )
    return replace(model, **changes)


STATES = st.sampled_from(
    [
        a_model(),
        a_model(is_connected=False),
        a_model(is_connected=False, status=None),
        a_model(status=None),
        a_model(status=a_status(mode=ModeWord.KILL, causes=(a_cause(),) * 5)),
        a_model(status=a_status(latch=Latch(open=False, proofs=()))),
        a_model(positions=POSITIONS * 40, orders=(an_order(),) * 90),
        a_model(positions=CLOSING * 40),
        a_model(dialog=AskKill(0.0, "KI")),
        a_model(dialog=AskReduce(0.0), message="x" * 300),
        a_model(dialog=Notice("NO ENGINE", ("a", "b"))),
        a_model(filter_text="kind:mode !x", is_typing_filter=True, follows=False, top=9_999),
        a_model(is_read_only=True),
    ]
)


@given(STATES, st.sampled_from(SCREENS), st.integers(0, 220), st.integers(0, 70), st.booleans())
def test_screen_has_exactly_its_size(
    model: Model, screen: str, width: int, height: int, is_ascii: bool
) -> None:
    picture = paint(
        replace(model, screen=screen), width=width, height=height, now_s=50.0, is_ascii=is_ascii
    )
    assert len(picture.lines) == max(height, 1)
    assert all(len(line) == max(width, 1) for line in picture.lines)
    if is_ascii:
        assert all(line.isascii() for line in picture.lines)


@pytest.mark.rule("C-602")
@given(STATES, st.sampled_from(SCREENS), st.integers(80, 200), st.integers(6, 60))
def test_nothing_covers_the_banner(model: Model, screen: str, width: int, height: int) -> None:
    if not model.is_connected or model.status is None:
        return
    picture = paint(
        replace(model, screen=screen), width=width, height=height, now_s=50.0, is_ascii=False
    )
    shown = tuple(line.strip() for line in picture.lines[:3])
    assert shown == words_of(model.status, is_ascii=False).lines


def test_small_screen_keeps_banner_cause_and_keys() -> None:
    model = a_model(status=a_status(mode=ModeWord.KILL, causes=(a_cause("LOSS_DAY"),)))
    picture = paint(model, width=60, height=10, now_s=0.0, is_ascii=False)
    assert "KILL" in picture.lines[0]
    assert "LOSS_DAY" in picture.lines[3]
    assert picture.lines[-1].split() == ["R", "K", "?", "q"]


def test_tiny_screen_keeps_mode_word_and_code() -> None:
    model = a_model(status=a_status(mode=ModeWord.KILL, causes=(a_cause("LOSS_DAY"),)))
    picture = paint(model, width=20, height=4, now_s=0.0, is_ascii=False)
    assert [line.strip() for line in picture.lines[:2]] == ["KILL", "LOSS_DAY"]


def test_old_rows_are_marked_one_by_one() -> None:
    picture = paint(
        a_model(is_connected=False, seen_s=9.0), width=80, height=24, now_s=50.0, is_ascii=False
    )
    assert "NOT CONNECTED  last seen PAPER ACTIVE 11:25:19 UTC (41 s ago)" in picture.lines[0]
    assert "OLD 41 s" in picture.lines[3]
    rows = [line for line in picture.lines if "BTC-" in line]
    assert rows
    assert all(line.startswith(" ░") for line in rows)


def test_reader_is_shown_no_act() -> None:
    picture = paint(a_model(is_read_only=True), width=80, height=24, now_s=0.0, is_ascii=False)
    assert "kill" not in picture.lines[-1]


@pytest.mark.rule("C-403", "C-602")
def test_positions_show_what_is_being_closed_of_them() -> None:
    model = a_model(positions=CLOSING, screen="positions")
    picture = paint(model, width=80, height=24, now_s=0.0, is_ascii=False)
    line = " closing: buy 0.2 of BTC-27NOV26-93500-P, step 3, asked by owner"
    assert line in [shown.rstrip() for shown in picture.lines]
