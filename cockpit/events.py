"""Events: what happened, newest last (UX §3.7)."""

from bot.control.render import event_line
from cockpit.grid import fit, window
from cockpit.model import Model
from cockpit.sift import is_kept

__all__ = ["events", "kept_events"]


def events(model: Model, *, width: int, height: int) -> list[str]:
    """Return the body: the newest rows when following, else the rows from `top`."""
    rows = kept_events(model)
    if model.follows:
        return rows_of(rows[-height:], width=width)
    return rows_of(window(rows, top=model.top, height=height), width=width)


def kept_events(model: Model) -> list[str]:
    """Return every event that passes the filter, as lines."""
    return [event_line(row) for row in model.events if is_kept(row, filter_text=model.filter_text)]


def rows_of(lines: list[str], *, width: int) -> list[str]:
    """Indent and fit lines."""
    return [fit(f" {line}", width=width).rstrip() for line in lines]
