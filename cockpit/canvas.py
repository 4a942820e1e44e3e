"""The one widget: it shows a picture and redraws only the lines that changed."""

from typing import Final, final

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from bot.control.glyphs import Face
from cockpit.paint import Picture

__all__ = ["Canvas"]

_COLOR: Final = {
    Face.ACTIVE: Style(color="green", bold=True),
    Face.OPENS_SHUT: Style(color="cyan", bold=True),
    Face.REDUCE_ONLY: Style(color="yellow", bold=True, reverse=True),
    Face.KILL: Style(color="red", bold=True, reverse=True),
    Face.LOST: Style(dim=True),
    Face.STOPPED: Style(dim=True),
}
_PLAIN: Final = {  # no colour at all, and no grey: bold, underline, reverse
    Face.ACTIVE: Style(bold=True),
    Face.OPENS_SHUT: Style(bold=True),
    Face.REDUCE_ONLY: Style(bold=True, underline=True),
    Face.KILL: Style(bold=True, reverse=True),
    Face.LOST: Style(reverse=True),
    Face.STOPPED: Style(),
}


@final
class Canvas(Widget):
    """Draws a Picture. The first line has the face's style; KILL reverses the whole banner."""

    DEFAULT_CSS = "Canvas { width: 100%; height: 100%; }"

    def __init__(self, *, has_color: bool) -> None:
        super().__init__()
        self._styles = _COLOR if has_color else _PLAIN
        self._picture = Picture((), Face.STOPPED, 0)

    def show(self, picture: Picture) -> None:
        """Take the next picture and mark what differs as dirty."""
        old, self._picture = self._picture, picture
        if old.face is not picture.face or len(old.lines) != len(picture.lines):
            self.refresh()
            return
        width = len(picture.lines[0]) if picture.lines else 0
        changed = [
            Region(0, y, width, 1)
            for y, (a, b) in enumerate(zip(old.lines, picture.lines, strict=True))
            if a != b
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return one line for Textual."""
        if y >= len(self._picture.lines):
            return Strip.blank(self.size.width)
        line = self._picture.lines[y]
        styled_rows = self._picture.banner_rows if self._picture.face is Face.KILL else 1
        style = self._styles[self._picture.face] if y < styled_rows else Style()
        return Strip([Segment(line, style)])
