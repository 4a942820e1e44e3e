"""Ctrl-C, SIGTERM and a closed terminal, from the first moment of a run to its last (F54).

While it starts, the first one ends the start: nothing is left half made. While it lives, the first
one stops it in order. The second one, at any time, ends it at once and says what is left.
"""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, final

import trio

from bot.control.errors import Exit, UserError
from bot.core.event import OperatorDown
from bot.engine.shell import Shell
from bot.engine.tell import tell

__all__ = ["Interrupts", "interrupts"]

_LAST_WORD_S: Final = 0.5


@final
class Interrupts:
    """What the signals do now: end the start through `starting`, or stop the shell in order."""

    def __init__(self) -> None:
        """Begin with a run that starts."""
        self.starting = trio.CancelScope()
        self.first: signal.Signals | None = None
        self._shell: Shell | None = None

    def lives(self, shell: Shell) -> None:
        """Say that the engine lives; a signal that came during the last of the start counts."""
        self._shell = shell
        if self.first is not None:
            _stop(shell, self.first)

    async def take(self, number: signal.Signals) -> None:
        """Take one signal. Raises KeyboardInterrupt for the second."""
        if self.first is not None:
            left = "nothing was sent" if self._shell is None else _left(self._shell)
            with trio.move_on_after(_LAST_WORD_S):
                await tell(f"Stopped at once; {left}.\n", to_stderr=True)
            raise KeyboardInterrupt
        self.first = number
        if self._shell is None:
            self.starting.cancel()
        else:
            _stop(self._shell, number)
        with trio.move_on_after(_LAST_WORD_S):
            await tell("Stopping in order. Once more to stop at once.\n", to_stderr=True)

    def not_started(self) -> UserError:
        """Word a start that a signal has ended."""
        number = self.first or signal.SIGINT
        return UserError(
            "NOT_STARTED",
            exit=Exit.INTERRUPTED if number is signal.SIGINT else Exit.OK,
            what=f"Not started: {number.name} came first. Nothing was sent.",
            why="The start was given up whole: no run is recorded, and the ledger is free.",
            next="bot run",
        )


def _stop(shell: Shell, number: signal.Signals) -> None:
    shell.inbox.put(OperatorDown(request_id=None, by="owner", why=number.name, cancel_opens=True))


def _left(shell: Shell) -> str:
    return f"{len(shell.state.durable.orders)} orders may rest at the venue"


@asynccontextmanager
async def interrupts() -> AsyncIterator[Interrupts]:
    """Listen for signals as long as this lasts; what is raised comes in a group."""
    known = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
        known.append(signal.SIGHUP)
    stop = Interrupts()
    with trio.open_signal_receiver(*known) as received:
        async with trio.open_nursery() as nursery:

            async def listen() -> None:
                async for number in received:
                    await stop.take(signal.Signals(number))

            nursery.start_soon(listen)
            yield stop
            nursery.cancel_scope.cancel()
