"""The whole screen as lines of text: banner, rule, body, last line (UX §3.4, §3.7).

Every size works: under 80x24 the banner, the gravest cause and the keys that matter; under 40x6 the
mode word and the code. A dialog is drawn over the body, never over the banner.
"""

from typing import Final, NamedTuple, assert_never

from bot.control.glyphs import Face, ascii_of
from bot.control.lines import words_of
from cockpit.banner import banner, banner_face
from cockpit.dialog import box
from cockpit.events import events
from cockpit.grid import fit, rule
from cockpit.help_page import help_page
from cockpit.keys import keys_of
from cockpit.model import Model
from cockpit.orders import orders
from cockpit.positions import positions
from cockpit.watch import watch

__all__ = ["HEIGHT_MIN", "WIDTH_MIN", "Picture", "paint"]

WIDTH_MIN: Final = 80
HEIGHT_MIN: Final = 24
_TINY_WIDTH: Final = 40
_TINY_HEIGHT: Final = 6
_BANNER: Final = 3
_DIALOG_ROW: Final = 3  # rows below the rule


class Picture(NamedTuple):
    """A screen. The first `banner_rows` lines are the banner, in the colours of `face`."""

    lines: tuple[str, ...]
    face: Face
    banner_rows: int


def paint(model: Model, *, width: int, height: int, now_s: float, is_ascii: bool) -> Picture:
    """Draw the model on a screen of a size. Never raises for a size; at least one line."""
    width, height = max(width, 1), max(height, 1)
    face = banner_face(model)
    if width < _TINY_WIDTH or height < _TINY_HEIGHT:
        lines, banner_rows = _tiny(model), 1
    else:
        lines = banner(model, width=width, now_s=now_s, is_ascii=is_ascii)
        banner_rows = _BANNER
        if width < WIDTH_MIN or height < HEIGHT_MIN:
            lines += _small(model, width=width, height=height - _BANNER)
        else:
            lines += _large(model, width=width, height=height - _BANNER, now_s=now_s)
    lines = [fit(line, width=width) for line in lines[:height]]
    lines += [" " * width] * (height - len(lines))
    if is_ascii:
        lines = [ascii_of(line) for line in lines]
    return Picture(tuple(lines), face, min(banner_rows, height))


def _tiny(model: Model) -> list[str]:
    if model.is_connected and model.status is not None:
        word = words_of(model.status, is_ascii=True).headline
        causes = model.status.causes
        return [word, causes[0].code] if causes else [word]
    return ["NO ENGINE"]


def _small(model: Model, *, width: int, height: int) -> list[str]:
    lines = []
    if model.dialog is not None:
        lines = box(model.dialog, status=model.status, positions=len(model.positions), width=width)
    elif model.is_connected and model.status is not None and model.status.causes:
        cause = model.status.causes[0]
        lines = [f" {cause.code}: {cause.text}"]
    if model.message:
        lines.append(f" {model.message}")
    lines = lines[: max(height - 1, 0)]
    lines += [""] * (height - 1 - len(lines))
    return [*lines, " ? q" if model.is_read_only else " R K ? q"]


def _large(model: Model, *, width: int, height: int, now_s: float) -> list[str]:
    room = height - 2  # the rule above, the keys below
    if model.is_connected:
        body = _body(model, width=width, height=room)
    else:
        body = _old(model, width=width, height=room, now_s=now_s)
    body = body[:room] + [""] * (room - len(body))
    if model.message:
        body[-1] = f" {model.message}"
    if model.dialog is not None:
        frame = box(model.dialog, status=model.status, positions=len(model.positions), width=width)
        for number, line in enumerate(frame):
            body[_DIALOG_ROW + number] = f"   {line}"
    return [_rule(model, width=width, now_s=now_s), *body, _footer(model, width=width)]


def _body(model: Model, *, width: int, height: int) -> list[str]:
    match model.screen:
        case "watch":
            return watch(model, width=width, height=height)
        case "positions":
            return positions(model, width=width, height=height)
        case "orders":
            return orders(model, width=width, height=height)
        case "events":
            return events(model, width=width, height=height)
        case "help":
            return help_page(model, width=width, height=height)
        case _:
            assert_never(model.screen)


def _old(model: Model, *, width: int, height: int, now_s: float) -> list[str]:
    """What was known last, marked as old line by line."""
    wait_s = max(model.retry_s - now_s, 0)
    tries = f" Trying again in {wait_s:.1f} s (attempt {model.attempt})."
    if model.screen == "help":
        return help_page(model, width=width, height=height)
    if model.status is None:
        return ["", " Nothing is known yet.", "", tries]
    age = int(now_s - model.seen_s)
    body = _body(model, width=width - 2, height=height - 5)
    old = [f" ░{line}" for line in body if line.strip()]
    return [
        "",
        f" Last known, {age} s old. Nothing below is live.",
        "",
        *old[: height - 5],
        "",
        tries,
    ]


def _rule(model: Model, *, width: int, now_s: float) -> str:
    parts = []
    if model.is_typing_filter:
        parts.append(f"/ {model.filter_text}▁")
    elif model.filter_text:
        parts.append(f"/ {model.filter_text}")
    if model.screen == "events":
        parts.append("following" if model.follows else "standing")
    if model.screen == "orders" and model.is_unknown_only:
        parts.append("unknown only")
    if not model.is_connected:
        old = "NO ENGINE" if model.status is None else f"OLD {int(now_s - model.seen_s)} s"
        parts.append(old)
    elif model.status is None or not model.is_live:
        parts.append("reading")
    else:
        parts.append(f"live {model.hz:g} Hz · {model.status.at[11:19]} UTC")
    return rule(model.screen, right=" · ".join(parts), width=width)


def _footer(model: Model, *, width: int) -> str:
    """The keys that work here: those that look at the left, acts and leaving at the right."""
    screen = model.screen if model.is_connected else "lost"
    keys = [key for key in keys_of(screen, is_read_only=model.is_read_only) if key.short]
    right = [key.short for key in keys if key.is_act or key.name == "leave"]
    left = [key.short for key in keys if not (key.is_act or key.name == "leave")]
    end = "  ".join(right)
    return f" {fit('   '.join(left), width=width - len(end) - 3)}{end}"
