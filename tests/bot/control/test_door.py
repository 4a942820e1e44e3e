"""Clients are let in at a pace, whatever crowd stands at the door [C-604]."""

import errno
from typing import Any, cast

import pytest
import trio
import trio.testing

from bot.control.door import BURST, PER_S, let_in

pytestmark = pytest.mark.rule("C-604")


class Crowd:
    """A listener at which somebody always waits; some of its answers are errors."""

    def __init__(self, *errors: OSError) -> None:
        """Begin with these errors."""
        self.errors = list(errors)

    async def accept(self) -> Any:
        """Let the next one through, or fail."""
        await trio.lowlevel.checkpoint()
        if self.errors:
            raise self.errors.pop()
        return trio.testing.memory_stream_pair()[0]

    async def __aenter__(self) -> "Crowd":
        """Enter."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave."""


async def let_in_for(seconds: float, crowd: Crowd) -> int:
    let = 0

    async def accept(_: trio.SocketStream) -> None:
        nonlocal let
        let += 1

    with trio.move_on_after(seconds):
        await let_in(accept, listener=cast(trio.SocketListener, crowd))
    return let


@pytest.mark.trio
async def test_a_crowd_is_let_in_at_the_pace(autojump_clock: trio.testing.MockClock) -> None:
    let = await let_in_for(2.0, Crowd())
    assert BURST + 2 * PER_S * 0.9 <= let <= BURST + 2 * PER_S + 1


@pytest.mark.trio
async def test_without_a_file_left_it_waits_and_lets_the_next_in(
    autojump_clock: trio.testing.MockClock,
) -> None:
    assert await let_in_for(1.0, Crowd(OSError(errno.EMFILE, "none left"))) > 0


@pytest.mark.trio
async def test_a_listening_socket_that_has_failed_is_told(
    autojump_clock: trio.testing.MockClock,
) -> None:
    with pytest.raises(BaseExceptionGroup):
        await let_in_for(1.0, Crowd(OSError(errno.EBADF, "closed")))
