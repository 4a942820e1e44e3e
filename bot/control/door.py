"""Let clients in at a pace: a crowd that comes again and again costs orders nothing [C-604].

Each client that is let in takes a fraction of a millisecond from the loop in which orders are sent,
so the rate is bounded and what is beyond it waits in the kernel, in a queue short enough that a
stop behind a crowd is heard within a third of a second.
"""

import errno
from collections.abc import Awaitable, Callable
from typing import Final

import trio

from bot.control.allowance import Allowance

__all__ = ["BURST", "PER_S", "QUEUE_MAX", "let_in"]

PER_S: Final = 200.0
BURST: Final = 8
QUEUE_MAX: Final = 64
_FULL_S: Final = 0.1
_FULL: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})


async def let_in(
    accept: Callable[[trio.SocketStream], Awaitable[None]], *, listener: trio.SocketListener
) -> None:
    """Serve until cancelled. `accept` raises nothing; its stream is closed after it.

    Without a file left for a client it waits and tries again. Raises OSError when the listening
    socket itself has failed.
    """
    allowance = Allowance(per_s=PER_S, burst=BURST)
    async with listener, trio.open_nursery() as nursery:
        while True:
            while not allowance.take(now_s=trio.current_time()):  # noqa: ASYNC110  # time is what it waits for
                await trio.sleep(1 / PER_S)
            try:
                stream = await listener.accept()
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                await trio.sleep(_FULL_S)
                continue
            nursery.start_soon(_serve, accept, stream)


async def _serve(
    accept: Callable[[trio.SocketStream], Awaitable[None]], stream: trio.SocketStream
) -> None:
    try:
        await accept(stream)
    finally:
        await trio.aclose_forcefully(stream)
