"""The moment a client connects: let in at once, late, or not at all."""

from typing import Final

import trio

from bot.simulator.trouble.trouble import Trouble

__all__ = ["is_let_in"]

_SLOW_S: Final = (1.0, 15.0)


async def is_let_in(trouble: Trouble) -> bool:
    """Say whether a new connection goes on to its handshake, perhaps after a while."""
    if trouble.stands("dial_refused"):
        return False
    if trouble.stands("dial_slow"):
        await trio.sleep(trouble.draw("dial_slow").uniform(*_SLOW_S))
    return True
