"""One life of an engine process: killed, and nothing that it still does counts."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, final

import trio

__all__ = ["PROCESS", "Doom", "Killed", "Process"]


class Killed(BaseException):
    """Raised in the very act in which a process dies; no handler of the engine's may take it."""


class Doom(Enum):
    """How a process dies."""

    KILLED = "killed"  # the kernel keeps its files and closes its sockets
    POWER_CUT = "power cut"  # the machine goes: files lose what no barrier has covered
    VANISHED = "vanished"  # the machine is cut off: its sockets stay open at the venue


@final
@dataclass(slots=True, eq=False)
class Process:
    """One life. A moment to die is a count of steps, file acts or sends, from `since` on."""

    number: int
    doom: Doom
    on_death: Callable[["Process"], None]
    dies_at_step: int | None = None
    dies_at_act: int | None = None
    dies_at_send: int | None = None
    steps: int = 0
    acts: int = 0
    sends: int = 0
    is_dead: bool = False
    is_over: bool = False  # it has died, stopped or been refused
    died: trio.Event = field(default_factory=trio.Event)
    clock: Any = None  # what it takes for the time
    engine: Any = None
    state: Any = None  # the last that was looked at

    def step(self) -> None:
        """Count a turn of one of its tasks, before it is taken."""
        self.steps += 1
        if self.steps == self.dies_at_step and not self.is_dead:
            self.die()

    def act(self) -> None:
        """Count a change of a file, before it is made. Raises Killed in the act of dying."""
        self._require_alive()
        self.acts += 1
        if self.acts == self.dies_at_act:
            self.die()
            raise Killed

    def send(self) -> None:
        """Count an order's frame, before its first byte. Raises Killed in the act of dying."""
        self.sends += 1
        if self.sends == self.dies_at_send and not self.is_dead:
            self.die()
            raise Killed

    def die(self) -> None:
        """Revoke everything at once; its tasks are cancelled after that."""
        self.is_dead = True
        self.on_death(self)
        self.died.set()

    def _require_alive(self) -> None:
        if self.is_dead:
            raise Killed


PROCESS: Final[ContextVar[Process | None]] = ContextVar("process", default=None)
