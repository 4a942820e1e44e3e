"""The filter: words, `key:value`, and `!`."""

import pytest

from cockpit.sift import is_kept
from tests.bot.control.fake_engine import an_event


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", True),
        ("recorded", True),
        ("RECORDED intent", True),
        ("nothing", False),
        ("!recorded", False),
        ("!nothing", True),
        ("kind:intent", True),
        ("kind:mode,intent", True),
        ("kind:mode", False),
        ("!kind:mode", True),
        ("recorded !intent", False),
        ("11:25:07", True),
    ],
)
def test_row_is_kept_by_every_word(text: str, kept: bool) -> None:
    assert is_kept(an_event(7), filter_text=text) is kept
