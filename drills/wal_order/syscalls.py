"""The same proof from outside of the process: the kernel's own order of its calls.

A tracer lists each write and barrier on the ledger's log and each send on a socket, in order. The
label is read from the bytes of the write, and from the unmasked WebSocket frame of the send.
Nothing of the engine, the ledger or the drills' seams takes part.
"""

import re
from collections.abc import Iterable
from typing import Final

from drills.frame import label_in
from drills.wal_order.trace import LABEL, LOG_FILE, Order

__all__ = ["TRACER", "read_calls"]

TRACER: Final = (
    "strace",
    "--seccomp-bpf",
    "--quiet=all",
    "--follow-forks",
    "--decode-fds=path",
    "--strings-in-hex=all",
    "--string-limit=65536",
    "--trace=pwrite64,fdatasync,fsync,sendto",
)

_CALL: Final = re.compile(r"(?:\[pid +)?(?P<pid>\d+)\]? +(?:<\.\.\. )?(?P<name>\w+)(?P<rest>.*)$")
_FILE: Final = re.compile(r"\((?P<fd>\d+)<(?P<path>[^>]*)>")
_BYTES: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_SHORT: Final = 126  # lengths up to here, exclusive, are in the frame's second byte


def read_calls(lines: Iterable[str]) -> tuple[Order, ...]:
    """Read a tracer's lines. Times are line numbers: the order is all that counts.

    A barrier counts from the line on which it returned 0, a send from the line on which it began.
    """
    waiting: set[str] = set()
    durable: dict[str, int] = {}
    sent: dict[str, int] = {}
    syncing: dict[str, set[str]] = {}  # by process: the labels that its barrier will cover
    for number, line in enumerate(lines):
        call = _CALL.match(line)
        if call is None:
            continue
        name, rest, pid = call["name"], call["rest"], call["pid"]
        file = _FILE.match(rest)
        is_log = file is not None and _plain(file["path"]).endswith(b"/" + LOG_FILE.encode())
        if name == "pwrite64" and is_log:
            labels = {found.decode() for found in LABEL.findall(_bytes(rest))}
            waiting |= labels - durable.keys()
        elif name in ("fdatasync", "fsync"):
            if is_log:
                syncing[pid] = set(waiting)
            if rest.rstrip().endswith("= 0") and pid in syncing:
                covered = syncing.pop(pid)
                durable |= dict.fromkeys(covered, number)
                waiting -= covered
        elif name == "sendto" and file is not None:
            label = label_in(_unmasked(_bytes(rest)))
            if label is not None:
                sent.setdefault(label, number)
    return tuple(Order(label, durable.get(label), at) for label, at in sent.items())


def _bytes(text: str) -> bytes:
    found = _BYTES.search(text)
    return _plain(found[1]) if found is not None else b""


def _plain(text: str) -> bytes:
    """Undo the tracer's hex; some of its versions leave paths as they are."""
    is_hex = text.startswith("\\x")
    return bytes.fromhex(text.replace("\\x", "")) if is_hex else text.encode()


def _unmasked(frame: bytes) -> bytes:
    """Return the payload of a client's WebSocket text frame (RFC 6455 §5.2), else nothing."""
    if len(frame) < 6 or frame[0] != 0x81 or not frame[1] & 0x80:
        return b""
    length, start = frame[1] & 0x7F, 2
    if length >= _SHORT:
        start = 4 if length == _SHORT else 10
        length = int.from_bytes(frame[2:start], "big")
    mask, body = frame[start : start + 4], frame[start + 4 : start + 4 + length]
    return bytes(byte ^ mask[n % 4] for n, byte in enumerate(body))
