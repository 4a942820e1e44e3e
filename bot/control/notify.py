"""Words to the service manager: one datagram each, to the socket that it names (sd_notify(3))."""

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

__all__ = ["notifier"]


def notifier(environ: Mapping[str, str]) -> Callable[[str], None]:
    """Return what says a word such as READY=1; without a service manager it says nothing.

    It never waits and never raises: a manager that does not listen must not stop an engine.
    """
    named = environ.get("NOTIFY_SOCKET", "")
    if not named.startswith(("/", "@")):
        return _to_nobody
    # A leading @ stands for the zero byte of the abstract namespace.
    address = f"\0{named[1:]}" if named.startswith("@") else named

    def say(word: str) -> None:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto(word.encode(), address)

    return say


def _to_nobody(_word: str) -> None:
    """Nobody has started us who would listen."""
