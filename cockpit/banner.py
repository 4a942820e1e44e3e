"""The three lines at the top, never covered; and what stands there when the link is lost."""

from bot.control.ending import NotConnected, ending_face, ending_words
from bot.control.glyphs import Face
from bot.control.lines import face_of, words_of
from cockpit.grid import fit
from cockpit.model import Model

__all__ = ["banner", "banner_face"]


def banner(model: Model, *, width: int, now_s: float, is_ascii: bool) -> list[str]:
    """Return the three lines, each exactly as wide as the screen."""
    status = model.status
    if model.is_connected and status is not None:
        lines = words_of(status, is_ascii=is_ascii).lines
    elif status is not None:
        lost = NotConnected(
            environment=status.environment,
            stage=status.stage,
            mode=model.mode,
            last_seen=model.seen_at,
            age_ms=int((now_s - model.seen_s) * 1000),
        )
        lines = ending_words(lost, is_ascii=is_ascii).lines
    else:
        lines = ending_words(model.ending, is_ascii=is_ascii).lines
    # One column of air at the left, where the line leaves room for it.
    return [fit(f" {line}" if len(line) < width else line, width=width) for line in lines]


def banner_face(model: Model) -> Face:
    """Tell in which colours the banner stands."""
    if model.is_connected and model.status is not None:
        return face_of(model.status)
    return Face.LOST if model.status is not None else ending_face(model.ending)
