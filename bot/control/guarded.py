"""Servers of watchers and operators, kept apart from the engine that they watch.

What one client sends can only end its own task: each `accept` is the outermost place of a
connection, and turns what is raised there into a cause. `guarded` stands around the server itself,
for what no client can cause as far as is known: a listening socket that fails. Nothing of this
reaches the nursery in which orders are sent.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, final

import trio

from bot.control.port import Engine

__all__ = ["AGAIN_S", "Serve", "guarded"]

AGAIN_S: Final = 1.0  # a server that fails at once must not fail in a circle


class Serve(Protocol):
    """A server that tells when it listens, and runs until cancelled."""

    def __call__(self, *, task_status: trio.TaskStatus[Any]) -> Awaitable[None]:
        """Serve."""
        ...


@final
class _Status:
    """Hands the first word on to whoever waits for it, and each one to `on_up`."""

    def __init__(self, first: trio.TaskStatus[Any], on_up: Callable[[Any], object]) -> None:
        self._first = first
        self._on_up = on_up
        self.is_up = False

    def started(self, value: Any = None) -> None:
        """Take the word that it listens."""
        self._on_up(value)
        if not self.is_up:
            self.is_up = True
            self._first.started(value)


async def guarded(
    serve: Serve,
    *,
    engine: Engine,
    where: str,
    on_up: Callable[[Any], object],
    task_status: trio.TaskStatus[Any] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve, and when that fails after it has listened, make it a cause and serve again [C-606].

    A failure to begin is raised: whoever starts an engine must know that nobody could stop it.
    `on_up` gets what the server told, each time it listens.
    """
    status = _Status(task_status, on_up)
    while True:
        try:
            await serve(task_status=status)
        except Exception as error:  # outermost: a watcher's end is never the engine's
            if not status.is_up:
                raise
            engine.fault(where=where, error=error)
            await trio.sleep(AGAIN_S)
        else:
            return
