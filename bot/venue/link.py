"""The port under the session: whole messages over something that connects and breaks."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

__all__ = ["Dial", "Link", "LinkClosedError"]


class LinkClosedError(Exception):
    """The link is gone, or could not be had. Its text says why; what was sent stays in doubt."""


class Link(Protocol):
    """One connection that carries messages in order, in both directions."""

    async def send(self, text: bytes) -> None:
        """Send one message of UTF-8 text. Raises LinkClosedError.

        Cancelled, it may have sent a part: the link must then be closed and not used again.
        """
        ...

    async def receive(self) -> bytes:
        """Return the next message. Raises LinkClosedError."""
        ...

    async def aclose(self) -> None:
        """Close, within a bounded time and without raising for a peer that is gone."""
        ...


class Dial(Protocol):
    """Open one connection for the length of a block. Raises LinkClosedError when there is none."""

    def __call__(self) -> AbstractAsyncContextManager[Link]:
        """Return the block's context manager."""
        ...
