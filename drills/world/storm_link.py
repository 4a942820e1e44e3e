"""The storm profile: whole messages handed over at the link's port, without frames or sockets."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, final

import trio

from bot.simulator.floor import Floor
from bot.simulator.line import Ending, Line
from bot.simulator.peer import Peer
from bot.simulator.trouble.dial import is_let_in
from bot.venue.link import Dial, LinkClosedError
from drills.world.cable import CUT, END, Cable, CutError

__all__ = ["Path", "StormLine", "storm_dial"]

_PATIENCE_S: Final = 10.0


class Path:
    """How late the two directions are, piece by piece."""

    def __init__(self, up_s: Callable[[], float], down_s: Callable[[], float]) -> None:
        """Take how each direction's delay is drawn."""
        self.up_s, self.down_s = up_s, down_s


@final
class StormLine:
    """One connection: the engine's end, and the exchange's which lives in the world's nursery."""

    def __init__(self, floor: Floor, *, connection: str, path: Path) -> None:
        """Make both ends."""
        self._path = path
        self._up, self._down = Cable(), Cable()
        self._is_ended = False
        self._line = Line(floor, Peer(id=connection, is_socket=True, wake=self._speak))

    async def send(self, text: bytes) -> None:
        """Let a message leave."""
        await trio.lowlevel.checkpoint()
        if self._is_ended:
            raise LinkClosedError("the line is down")
        self._up.put(text, late_s=self._path.up_s())

    async def receive(self) -> bytes:
        """Return the next message."""
        try:
            message = await self._down.get()
        except CutError:
            message = None
        if message is None:
            self._is_ended = True
            raise LinkClosedError("the line is down")
        return message

    async def aclose(self) -> None:
        """Say goodbye."""
        self.leave(is_cut=False)
        await trio.lowlevel.checkpoint()

    def leave(self, *, is_cut: bool) -> None:
        """End the engine's side, with a goodbye or without."""
        if not self._is_ended:
            self._is_ended = True
            self._up.put(CUT if is_cut else END, late_s=self._path.up_s())

    def vanish(self) -> None:
        """End the engine's side without a word: the exchange takes the line for open."""
        self._is_ended = True

    async def serve(self) -> None:
        """The exchange's end, until the connection is over."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._line.live)
            with suppress(CutError):
                while (body := await self._up.get()) is not None:
                    self._line.hear(body)
                    self._speak()
            nursery.cancel_scope.cancel()
        self._line.lost()

    def _speak(self) -> None:
        for frame in self._line.take():
            self._down.put(frame, late_s=self._path.down_s())
        match self._line.ending:
            case None:
                return
            case Ending.GOODBYE:
                self._down.put(END, late_s=self._path.down_s())
            case Ending.CUT:
                self._down.put(CUT, late_s=self._path.down_s())
        self._up.put(END, late_s=0.0)


def storm_dial(
    floor: Floor,
    open_line: Callable[[], StormLine],
    spawn: Callable[[Callable[[], Awaitable[None]]], None],
    *,
    path: Path,
) -> Dial:
    """Return a dial; `spawn` brings the exchange's end of a line to life."""

    @asynccontextmanager
    async def dial() -> AsyncGenerator[StormLine]:
        await trio.sleep(path.up_s() + path.down_s())
        if not await is_let_in(floor.trouble):
            raise LinkClosedError("refused at the door")
        line = open_line()
        spawn(line.serve)
        try:
            yield line
        finally:
            line.leave(is_cut=False)

    return dial
