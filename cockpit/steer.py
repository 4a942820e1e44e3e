"""What a key does: a model and a key give the next model and what must be carried out. Pure."""

from dataclasses import replace
from typing import Final, Literal, assert_never

from cockpit.dialog import AskKill, AskReduce, Notice, press
from cockpit.events import kept_events
from cockpit.model import Model, Screen

__all__ = ["Want", "steer"]

Want = Literal["nothing", "leave", "retry", "reduce-only", "kill"]

_PAGE: Final = 10
_FILTER_MAX: Final = 60
_SCREEN_KEYS: Final[dict[str, Screen]] = {
    "w": "watch",
    "p": "positions",
    "o": "orders",
    "e": "events",
}
_MOVES: Final = {
    "k": -1,
    "up": -1,
    "j": 1,
    "down": 1,
    "pageup": -_PAGE,
    "pagedown": _PAGE,
}


def steer(model: Model, *, key: str, now_s: float) -> tuple[Model, Want]:
    """Return the model after a key and what the key wants done.

    `key` is a printable character or a key's name. A dialog takes every key before all others.
    """
    if model.dialog is not None:
        return _in_dialog(model, key=key, now_s=now_s)
    if model.is_typing_filter:
        return _in_filter(model, key=key), "nothing"
    model = replace(model, message="")
    if key in _SCREEN_KEYS:
        return _to_screen(model, screen=_SCREEN_KEYS[key]), "nothing"
    if key in _MOVES or key in {"home", "end"}:
        return _moved(model, key=key), "nothing"
    match key:
        case "q":
            return model, "leave"
        case "?":
            return _to_screen(model, screen="help"), "nothing"
        case "escape":
            return _back(model), "nothing"
        case "/":
            return replace(model, is_typing_filter=True, filter_text=""), "nothing"
        case " " if model.screen == "events":
            top = len(kept_events(model))
            return replace(model, follows=not model.follows, top=top), "nothing"
        case "u" if model.screen == "orders":
            return replace(model, is_unknown_only=not model.is_unknown_only), "nothing"
        case "r" if not model.is_connected:
            return model, "retry"
        case "R" | "K" if not model.is_read_only:
            return _ask(model, key=key, now_s=now_s), "nothing"
        case _:
            return model, "nothing"


def _ask(model: Model, *, key: str, now_s: float) -> Model:
    if model.is_connected:
        return replace(model, dialog=AskReduce(now_s) if key == "R" else AskKill(now_s))
    command = "bot mode reduce-only" if key == "R" else "bot mode kill"
    lines = (
        "The engine does not answer, so nothing can be asked of it here.",
        f"As soon as it answers, in a terminal: {command}",
        "Until then cancel at the venue by hand, if you must.",
    )
    return replace(model, dialog=Notice("NO ENGINE", lines, now_s))


def _in_dialog(model: Model, *, key: str, now_s: float) -> tuple[Model, Want]:
    if model.dialog is None:
        raise AssertionError("a dialog takes the key only when there is one")
    dialog, outcome = press(model.dialog, key=key, now_s=now_s)
    match outcome:
        case "stays":
            return replace(model, dialog=dialog), "nothing"
        case "closed":
            return replace(model, dialog=None), "nothing"
        case "reduce-only" | "kill":
            if not model.is_connected:
                lost = Notice("NO ENGINE", ("The engine is gone. Nothing was changed.",), now_s)
                return replace(model, dialog=lost), "nothing"
            return replace(model, dialog=None, message="Asked. Waiting for the engine."), outcome
        case _:
            assert_never(outcome)


def _in_filter(model: Model, *, key: str) -> Model:
    match key:
        case "enter":
            return replace(model, is_typing_filter=False)
        case "escape":
            return replace(model, is_typing_filter=False, filter_text="")
        case "backspace":
            return replace(model, filter_text=model.filter_text[:-1])
        case _ if len(key) == 1 and len(model.filter_text) < _FILTER_MAX:
            return replace(model, filter_text=model.filter_text + key)
        case _:
            return model


def _to_screen(model: Model, *, screen: Screen) -> Model:
    back = model.back if model.screen == "help" else model.screen
    return replace(model, screen=screen, back=back, top=0, follows=True)


def _back(model: Model) -> Model:
    if model.filter_text:
        return replace(model, filter_text="")
    if model.screen == "help":
        return replace(model, screen=model.back, top=0)
    return model


def _moved(model: Model, *, key: str) -> Model:
    """Move the window; moving in events stops following, and its end starts it again."""
    rows = {
        "positions": len(model.positions),
        "orders": len(model.orders),
        "events": len(kept_events(model)),
    }.get(model.screen, 0)
    if key == "home":
        return replace(model, top=0, follows=False)
    if key == "end":
        return replace(model, top=rows, follows=True)
    start = rows if model.screen == "events" and model.follows else model.top
    top = max(0, min(start + _MOVES[key], rows))
    return replace(model, top=top, follows=False)
