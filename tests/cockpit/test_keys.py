"""One registry of keys: every key of it does something, and none needs a modifier."""

from cockpit.keys import KEYS, SCREENS, keys_of
from cockpit.steer import steer
from tests.cockpit.test_paint import a_model


def test_keys_are_named_once_and_need_no_modifier() -> None:
    assert len({key.name for key in KEYS}) == len(KEYS)
    for screen in (*SCREENS, "lost"):
        keys = [key.key for key in keys_of(screen, is_read_only=False)]
        assert len(set(keys)) == len(keys)
    assert not [key for key in KEYS if "+" in key.key]


def test_capitals_act_and_small_letters_look() -> None:
    for key in KEYS:
        if len(key.key) == 1 and key.key.isalpha():
            assert key.is_act is key.key.isupper()


def test_every_key_changes_something_on_its_screen() -> None:
    for key in KEYS:
        screen = key.screen if key.screen in SCREENS else "events"
        other = "positions" if key.name == "events" else screen
        model = a_model(
            screen=other,
            is_connected=key.screen != "lost",
            follows=key.name != "last",
            top=50,
            filter_text="x" if key.name == "back" else "",
        )
        word = {"space": " "}.get(key.key, key.key)
        after, want = steer(model, key=word, now_s=9.0)
        assert after != model or want != "nothing", key
