"""Help: the keys of the screen one came from, then all, from the registry."""

from cockpit.grid import fit
from cockpit.keys import KEYS, keys_of
from cockpit.model import Model

__all__ = ["help_page"]


def help_page(model: Model, *, width: int, height: int) -> list[str]:
    """Return the body, cut to the height."""
    here = keys_of(model.back, is_read_only=model.is_read_only)
    own = [key for key in here if key.screen]
    rest = [key for key in here if not key.screen]
    others = [key for key in KEYS if key.screen not in ("", model.back)]
    lines = [f" {key.key:<9} {key.does}" for key in (*own, *rest)]
    lines += [f" {key.key:<9} {key.does} ({key.screen})" for key in others]
    return [fit(line, width=width).rstrip() for line in lines][:height]
