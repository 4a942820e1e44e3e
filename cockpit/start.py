"""Open the cockpit from a command: the screen, or its snapshots."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

from bot.control.ending import Ending
from bot.control.errors import Exit, UserError
from bot.control.faults import nearest
from bot.control.place import Place
from bot.domain.mode import Environment
from cockpit.app import Cockpit
from cockpit.keys import SCREENS
from cockpit.link import Happening, Link
from cockpit.model import Model, Screen

__all__ = ["Wish", "cockpit_of", "open_cockpit"]

_SIZES: Final = ((80, 24), (160, 48))
_SYNC_S: Final = 3.0
_POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the screen is wanted. `ending` is shown until an engine is seen."""

    place: Place
    ending: Ending
    environment: Environment | None = None
    is_read_only: bool = False
    screen: str = "watch"
    hz: float = 4.0
    has_color: bool = True
    is_ascii: bool = False
    by: str | None = None
    snapshot: Path | None = None


def open_cockpit(wish: Wish) -> str:
    """Run the screen until it is left; return the parting words.

    Raises UserError: USAGE for an unknown screen, UNSAFE_START for another environment.
    """
    app = cockpit_of(wish)
    if wish.snapshot is not None:
        return asyncio.run(_snapshots(app, folder=wish.snapshot))
    error = app.run()
    if error is not None:
        raise error
    if not app.model.is_connected:
        return "No engine was answering. bot status looks again."
    word = app.model.mode.value.replace("_", " ")
    return f"The engine goes on in {word}. bot status shows it; bot down stops it."


def cockpit_of(wish: Wish) -> Cockpit:
    """Build the application. Raises UserError USAGE for an unknown screen."""
    if wish.screen not in SCREENS:
        close = nearest(wish.screen, known=SCREENS)
        raise UserError(
            "USAGE",
            exit=Exit.USAGE,
            what=f'Unknown screen "{wish.screen}". It is one of {", ".join(SCREENS)}.',
            why="Nothing was opened.",
            next=f"Did you mean: bot cockpit --screen {close or SCREENS[0]}",
        )
    if not wish.has_color:
        os.environ["NO_COLOR"] = "1"  # Textual reads it once, when the application is made
    model = Model(
        ending=wish.ending,
        is_read_only=wish.is_read_only,
        hz=wish.hz,
        screen=cast(Screen, wish.screen),
    )

    def link_to(tell: Callable[[Happening], None]) -> Link:
        return Link(wish.place, hz=wish.hz, is_read_only=wish.is_read_only, by=wish.by, tell=tell)

    return Cockpit(
        model,
        link_to=link_to,
        environment=wish.environment,
        has_color=wish.has_color,
        is_ascii=wish.is_ascii,
    )


async def _snapshots(app: Cockpit, *, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # before anything else runs
    written = 0
    async with app.run_test(size=_SIZES[0]) as pilot:
        deadline = asyncio.get_running_loop().time() + _SYNC_S
        while not app.model.is_live and asyncio.get_running_loop().time() < deadline:
            await pilot.pause(_POLL_S)
        for width, height in _SIZES:
            await pilot.resize_terminal(width, height)
            for screen in (*SCREENS, "help"):
                app.model = replace(app.model, screen=screen, back="watch")
                app.draw()
                await pilot.pause()
                app.save(folder, name=f"{screen}-{width}x{height}")
                written += 2
        app.exit(None)
        await pilot.pause()
    return f"{written} files written to {folder}."
