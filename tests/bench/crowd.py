"""A crowd of hostile clients, as a process: `python -m tests.bench.crowd HOME COUNT KIND`.

`idle` holds COUNT silent connections open at HTTP and COUNT at the socket, opens again what is
closed, dribbles into some, and resets a few at once. `flood` does the same and asks for the status
as fast as it is answered, at both doors. It runs until its standard input is closed.
"""

import select
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.e2e.hostile import http_port, request

__all__: list[str] = []

_PAUSE_S: Final = 0.05
_DRIBBLERS: Final = 20
_RESETS: Final = 5
_ASKS: Final = 50


def _connected(home: Path, *, is_http: bool) -> socket.socket | None:
    stream = socket.socket(socket.AF_INET if is_http else socket.AF_UNIX, socket.SOCK_STREAM)
    stream.setblocking(False)
    place = ("127.0.0.1", http_port(home)) if is_http else str(home / "run/engine.sock")
    try:
        stream.connect(place)
    except BlockingIOError:
        if is_http:
            return stream
    except OSError:
        pass
    else:
        return stream
    stream.close()
    return None


def _is_gone(stream: socket.socket) -> bool:
    """Take what is said to it, and tell whether the other end has closed."""
    try:
        return stream.recv(65_536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _keep(held: list[socket.socket], home: Path, *, count: int, is_http: bool) -> None:
    for stream in [stream for stream in held if _is_gone(stream)]:
        held.remove(stream)
        stream.close()
    while len(held) < count and (stream := _connected(home, is_http=is_http)) is not None:
        held.append(stream)


def _ask(home: Path) -> None:
    """Ask for the status at the socket and at HTTP, as fast as it is answered."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(1)
        stream.connect(str(home / "run/engine.sock"))
        for number in range(_ASKS):
            stream.sendall(b'{"id":%d,"verb":"status"}\n' % number)
            stream.recv(65_536)
    with suppress(OSError), socket.create_connection(("127.0.0.1", http_port(home)), 1) as stream:
        stream.sendall(request(home))
        stream.recv(65_536)


def main() -> int:
    """Attack until standard input ends."""
    home, count, kind = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    at_http: list[socket.socket] = []
    at_socket: list[socket.socket] = []
    while not select.select([sys.stdin], [], [], 0)[0]:
        _keep(at_http, home, count=count, is_http=True)
        _keep(at_socket, home, count=count, is_http=False)
        for stream in (*at_http[:_DRIBBLERS], *at_socket[:_DRIBBLERS]):
            with suppress(OSError):
                stream.send(b"x")
        for _ in range(_RESETS):
            with suppress(OSError):
                stream = socket.create_connection(("127.0.0.1", http_port(home)), 1)
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                stream.close()
        if kind == "flood":
            _ask(home)
        else:
            time.sleep(_PAUSE_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
