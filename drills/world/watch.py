"""The world's eyes on the scheduler: every turn of every task, before and after it."""

from contextlib import suppress
from typing import final

import trio
import trio.abc

from drills.world.world import Broken, World, process_of

__all__ = ["Watch"]


@final
class Watch(trio.abc.Instrument):
    """Tells the world of each turn, and lets it look at what the turn has changed."""

    def __init__(self) -> None:
        """See nothing until there is a world."""
        self.world: World | None = None

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """Hear of a turn before it is taken."""
        if self.world is not None:
            self.world.step(process_of(task), task.name)

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        """Look at what a turn has changed."""
        if self.world is not None:
            process = process_of(task)
            with suppress(Broken):  # kept as the world's finding, which ends the run
                if process is None:
                    self.world.look_at_venue()
                else:
                    self.world.look(process)
