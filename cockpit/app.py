"""The Textual application: keys in, pictures out; everything between is pure (UX §3.4)."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, assert_never, final

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from bot.control.errors import ErrorBody, Exit, UserError
from bot.domain.mode import Environment
from cockpit.canvas import Canvas
from cockpit.link import Answered, Beat, Happening, Link, Lost, Met, Told
from cockpit.model import Model, fold
from cockpit.paint import Picture, paint
from cockpit.steer import steer

__all__ = ["Cockpit"]


@final
class Cockpit(App[UserError | None]):
    """The screen of one engine. Ends with None, or with the error that ended it."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { background: ansi_default; }"
    # ctrl-c leaves here as it does everywhere; Textual's own meaning of it is copying.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "leave", "leave", priority=True, show=False)
    ]

    def __init__(
        self,
        model: Model,
        *,
        link_to: Callable[[Callable[[Happening], None]], Link],
        environment: Environment | None,
        has_color: bool,
        is_ascii: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(ansi_color=True)
        self.model = model
        self._link = link_to(self.happen)
        self._environment = environment
        self._is_ascii = is_ascii
        self._clock = clock
        self._canvas = Canvas(has_color=has_color)

    def compose(self) -> ComposeResult:
        """One widget is the whole screen."""
        yield self._canvas

    def on_mount(self) -> None:
        """Start following, and drawing at the chosen pace: what comes between is conflated."""
        self.run_worker(self._link.run(), name="link", exclusive=True)
        self.set_interval(1 / self.model.hz, self.draw)
        self.draw()

    def on_resize(self, _: events.Resize) -> None:
        """Draw for the new size at once: a resize never blanks."""
        self.draw()

    def on_key(self, event: events.Key) -> None:
        """Steer by a key and draw at once."""
        event.stop()
        event.prevent_default()
        is_char = event.character is not None and event.character.isprintable()
        key = event.character if is_char and event.character is not None else event.key
        self.model, want = steer(self.model, key=key, now_s=self._clock())
        match want:
            case "leave":
                self.action_leave()
            case "retry":
                self._link.retry_now()
            case "reduce-only":
                self._link.tighten("REDUCE_ONLY")
            case "kill":
                self._link.tighten("KILL")
            case "nothing":
                pass
            case _:
                assert_never(want)
        self.draw()

    def action_leave(self) -> None:
        """Close the screen; the engine goes on."""
        self.exit(None)

    def picture(self) -> Picture:
        """Return what stands on the screen now."""
        width, height = self.size
        return paint(
            self.model, width=width, height=height, now_s=self._clock(), is_ascii=self._is_ascii
        )

    def draw(self) -> None:
        """Show the model as it is now."""
        self._canvas.show(self.picture())

    def happen(self, happening: Happening) -> None:
        """Fold what the link tells into the model; drawing follows at its own pace."""
        now_s = self._clock()
        match happening:
            case Met(hello=hello):
                if self._environment is not None and hello.environment is not self._environment:
                    self.exit(_other(hello.environment, wanted=self._environment))
                    return
                is_new = self.model.run_id not in (None, hello.run_id)
                self.model = replace(
                    self.model,
                    is_connected=True,
                    fresh=frozenset(),
                    events=(),
                    run_id=hello.run_id,
                    seen_s=now_s,
                    seen_at=hello.now,
                    attempt=0,
                    message=f"A new run of the engine: {hello.run_id}." if is_new else "",
                )
            case Told(frame=frame):
                self.model = replace(fold(self.model, frame=frame), seen_s=now_s, seen_at=frame.at)
            case Beat(now=now):
                self.model = replace(self.model, seen_s=now_s, seen_at=now)
            case Lost(attempt=attempt, wait_s=wait_s):
                self.model = replace(
                    self.model, is_connected=False, attempt=attempt, retry_s=now_s + wait_s
                )
                self.draw()
            case Answered(outcome=outcome):
                what = outcome.what if isinstance(outcome, ErrorBody) else f"Done: {outcome.op}."
                self.model = replace(self.model, message=what)
                self.draw()
            case _:
                assert_never(happening)

    def save(self, folder: Path, *, name: str) -> None:
        """Write the screen as text and as SVG."""
        text = "\n".join(line.rstrip() for line in self.picture().lines)
        (folder / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
        svg = self.export_screenshot(title="bot cockpit")
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")


def _other(there: Environment, *, wanted: Environment) -> UserError:
    return UserError(
        "OTHER_ENVIRONMENT",
        exit=Exit.UNSAFE_START,
        what=f"Not opened: the engine runs in {there.value}, not {wanted.value}.",
        why="Acting on the wrong environment is acting on the wrong money.",
        next=f"Name its home, or drop the flag: bot --env {there.value.lower()} cockpit",
    )
