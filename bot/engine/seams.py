"""The seams of DESIGN §8: production passes the real things, drills pass others [C-802]."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from bot.venue.link import Dial
from bot.venue.websocket import websocket_dial
from ledger.ledger import Ledger
from ledger.writer import Writer, open_writer

__all__ = ["REAL", "Seams"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """How venue and disk are reached. `vfs` names SQLite's file seam, None the real one."""

    dial: Callable[[str], Dial]
    open_writer: Callable[[Ledger], AbstractAsyncContextManager[Writer]]
    vfs: str | None


REAL: Final = Seams(dial=websocket_dial, open_writer=open_writer, vfs=None)
