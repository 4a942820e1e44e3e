"""The one registry of keys: it feeds footer, help and `bot cockpit keys` (UX §3.5).

Small letters look, capitals act. No key needs ctrl-shift, alt or cmd.
"""

from typing import Final, NamedTuple

__all__ = ["KEYS", "SCREENS", "Key", "keys_of"]


class Key(NamedTuple):
    """One key. `screen` is "" when it works everywhere; `short` is its place in the footer."""

    name: str
    key: str
    screen: str
    short: str
    does: str
    is_act: bool = False


SCREENS: Final = ("watch", "positions", "orders", "events")

KEYS: Final = (
    Key("watch", "w", "", "w p o e", "positions, orders, limits and events at a glance"),
    Key("positions", "p", "", "", "every position with its greeks"),
    Key("orders", "o", "", "", "every order that could still fill, or is not known"),
    Key("events", "e", "", "", "what happened, newest last"),
    Key("filter", "/", "", "/ filter", "show only rows with these words; !word hides; key:value"),
    Key("help", "?", "", "? help", "the keys of this screen, then all"),
    Key("up", "k", "", "", "move up; also the arrow"),
    Key("down", "j", "", "", "move down; also the arrow"),
    Key("page-up", "pageup", "", "", "a page up"),
    Key("page-down", "pagedown", "", "", "a page down"),
    Key("first", "home", "", "", "to the first row"),
    Key("last", "end", "", "", "to the last row"),
    Key("follow", "space", "events", "space follow", "follow the newest on and off"),
    Key("unknown-only", "u", "orders", "u unknown only", "show only orders that are not known"),
    Key("retry", "r", "lost", "r try now", "connect now instead of waiting"),
    Key("back", "escape", "", "", "close, clear, back"),
    Key("reduce-only", "R", "", "R reduce", "no new risk, exits go on: asks for y", is_act=True),
    Key("kill", "K", "", "K kill", "stop: asks for the word KILL", is_act=True),
    Key("leave", "q", "", "q leave", "close the screen; the engine goes on; also ctrl-c"),
)


def keys_of(screen: str, *, is_read_only: bool) -> tuple[Key, ...]:
    """Return the keys that work on a screen; a reader does not even see the acts."""
    return tuple(
        key for key in KEYS if key.screen in ("", screen) and not (is_read_only and key.is_act)
    )
