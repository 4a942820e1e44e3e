"""The confirmation ladder: nothing but the right keys, in time, is consent."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.control.ending import NeverStarted
from cockpit.dialog import AskKill, AskReduce, Notice, box, press
from cockpit.model import Model
from cockpit.steer import steer
from tests.bot.control.fake_engine import a_status

KEYS = st.sampled_from(
    [*"yKILLRq ?abc", "enter", "escape", "space", "up", "down", "backspace", "tab", "f1"]
)


@pytest.mark.parametrize("key", ["y", "enter", "K", " "])
def test_nothing_is_heard_within_300_ms(key: str) -> None:
    for dialog in (AskReduce(10.0), AskKill(10.0, "KILL"), Notice("T", ("x",), 10.0)):
        assert press(dialog, key=key, now_s=10.29) == (dialog, "stays")


def test_escape_is_always_heard() -> None:
    assert press(AskKill(10.0, "KIL"), key="escape", now_s=10.0)[1] == "closed"


@given(st.lists(KEYS, max_size=30))
def test_only_y_reduces(keys: list[str]) -> None:
    dialog, outcome = AskReduce(0.0), "stays"
    for key in keys:
        dialog, outcome = press(dialog, key=key, now_s=1.0)
        assert (outcome == "reduce-only") is (key == "y")
        if outcome != "stays":
            return


@given(st.lists(KEYS, max_size=30))
def test_only_the_exact_word_and_enter_kill(keys: list[str]) -> None:
    dialog, typed = AskKill(0.0), ""
    for key in keys:
        dialog, outcome = press(dialog, key=key, now_s=1.0)
        if outcome == "kill":
            assert key == "enter"
            assert typed == "KILL"
            return
        if outcome == "closed":
            return
        if key == "backspace":
            typed = typed[:-1]
        elif len(key) == 1 and len(typed) < 8:
            typed += key


@given(st.lists(KEYS, max_size=40), st.booleans())
def test_reader_and_lost_screen_never_act(keys: list[str], is_read_only: bool) -> None:
    model = Model(
        ending=NeverStarted(home="~"), is_read_only=is_read_only, is_connected=is_read_only
    )
    now_s = 0.0
    for key in keys:
        now_s += 1
        model, want = steer(model, key=key, now_s=now_s)
        assert want not in {"reduce-only", "kill"}


@given(st.lists(KEYS, max_size=40))
def test_no_key_ever_breaks_the_screen(keys: list[str]) -> None:
    model = Model(ending=NeverStarted(home="~"), is_connected=True, status=a_status())
    for number, key in enumerate(keys):
        model, _ = steer(model, key=key, now_s=float(number))


def test_dialog_says_what_is_cancelled_and_what_stays() -> None:
    lines = "\n".join(box(AskKill(0.0, "KI"), status=a_status(), positions=3, width=80))
    assert "2 orders live" in lines
    assert "Positions stay: 3 instruments" in lines
    assert "K I" in lines


def test_closed_dialog_leaves_the_model_as_it_was() -> None:
    model = Model(ending=NeverStarted(home="~"), is_connected=True)
    opened, _ = steer(model, key="K", now_s=0.0)
    closed, want = steer(opened, key="escape", now_s=9.0)
    assert want == "nothing"
    assert closed == replace(model, dialog=None)
