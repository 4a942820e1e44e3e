"""A hostile local program: what it can say to a running engine, and what that costs the engine."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bot.control.client import Client
from bot.control.place import socket_place

REDUCE = "/api/v1/emergency/reduce_only"
GETS = ("/api/v1/status", "/api/v1/health", "/metrics")


class Cost(NamedTuple):
    """What a process holds: resident memory in KiB, and open files."""

    rss_kib: int
    files: int


def cost(pid: int) -> Cost:
    """Read what a process holds now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    rss = next(line for line in lines if line.startswith("VmRSS:"))
    return Cost(int(rss.split()[1]), len(list(Path(f"/proc/{pid}/fd").iterdir())))


def http_port(home: Path) -> int:
    """Return the port that the engine's HTTP listens on."""
    return int((home / "run/http.port").read_text())


def token(home: Path) -> str:
    """Return the home's token."""
    return (home / "run/http.token").read_text().strip()


def request(
    home: Path,
    path: str = "/api/v1/status",
    *,
    method: str = "GET",
    body: bytes = b"",
    drop: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
    **headers: str,
) -> bytes:
    """Build a request that is right but for what is given; `more` are raw header lines."""
    usual = {"Host": f"127.0.0.1:{http_port(home)}"}
    if method == "POST":
        usual["Authorization"] = f"Bearer {token(home)}"
        usual["Content-Type"] = "application/json"
    if body:
        usual["Content-Length"] = str(len(body))
    usual |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in usual.items() if name not in drop]
    return "\r\n".join((f"{method} {path} HTTP/1.1", *lines, *more, "", "")).encode() + body


def say(home: Path, data: bytes, *, within_s: float = 10.0) -> bytes:
    """Send bytes to HTTP and return all of the answer."""
    answer = b""
    with socket.create_connection(("127.0.0.1", http_port(home)), timeout=within_s) as stream:
        # It answers before it has read all, and then hears no more.
        with suppress(BrokenPipeError, ConnectionResetError):
            stream.sendall(data)
        with suppress(ConnectionResetError):
            while chunk := stream.recv(65_536):
                answer += chunk
    return answer


def code_of(answer: bytes) -> int:
    """Return the status code of an answer; 0 for none."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def ask_status(home: Path) -> tuple[str, float]:
    """Ask HTTP for the status, with the token; return the mode and how long it took, in s."""
    began = time.monotonic()
    answer = say(home, request(home, Authorization=f"Bearer {token(home)}"))
    took_s = time.monotonic() - began
    assert code_of(answer) == 200, answer[:200]
    return json.loads(answer.partition(b"\r\n\r\n")[2])["mode"], took_s


def client(home: Path) -> Client:
    """Return a client of the socket as `bot` has it."""
    return Client(socket_place(home), timeout_s=5.0)


@contextmanager
def unix(home: Path) -> Iterator[socket.socket]:
    """Connect to the socket by bytes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(10)
        stream.connect(str(home / "run/engine.sock"))
        yield stream


def idle_http(home: Path, count: int) -> list[socket.socket]:
    """Open connections that say nothing."""
    return [socket.create_connection(("127.0.0.1", http_port(home))) for _ in range(count)]


def idle_unix(home: Path, count: int) -> list[socket.socket]:
    """Open connections to the socket that say nothing."""
    found = []
    for _ in range(count):
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        while True:  # the kernel takes only so many before they are let in
            try:
                stream.connect(str(home / "run/engine.sock"))
                break
            except BlockingIOError:
                time.sleep(0.01)
        found.append(stream)
    return found
