"""Words for the terminal, in a thread: a reader that has stopped reading must not stop an engine.

A paused terminal, or a pipe that nobody empties, takes a few thousand bytes and then lets the
writer wait for ever.
"""

import os
import sys
from typing import Final

import trio

__all__ = ["tell"]

_LIMITS: Final = {True: trio.CapacityLimiter(1), False: trio.CapacityLimiter(1)}


async def tell(text: str, *, to_stderr: bool = False) -> bool:
    """Write, and return False when nobody can read it any more. Cancelling leaves it unfinished."""
    stream = sys.stderr if to_stderr else sys.stdout
    data = text.encode(stream.encoding or "utf-8", errors="replace")
    try:
        handle = stream.fileno()
        await trio.to_thread.run_sync(
            _write, handle, data, abandon_on_cancel=True, limiter=_LIMITS[to_stderr]
        )
    except OSError:
        return False
    return True


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
