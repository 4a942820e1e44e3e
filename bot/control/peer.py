"""Who is at the other end of a Unix socket: the kernel says so, not the peer (UX §2.1)."""

import pwd
import socket
import struct
import sys
from typing import Final, NamedTuple, Protocol

__all__ = ["Peer", "login_name", "peer_of"]

_LINUX: Final = struct.Struct("3i")  # pid, uid, gid
_LOCAL_PEERCRED: Final = 1  # macOS: struct xucred of cr_version, cr_uid, ...
_XUCRED: Final = struct.Struct("=II")


class _HasOptions(Protocol):
    def getsockopt(self, level: int, optname: int, buflen: int, /) -> bytes: ...


class Peer(NamedTuple):
    """A peer's credentials at the moment it connected. `pid` is 0 where the system tells none."""

    uid: int
    pid: int


def peer_of(sock: _HasOptions) -> Peer:
    """Ask the kernel for the peer's credentials. Raises OSError where it cannot tell."""
    if sys.platform == "darwin":
        _, uid = _XUCRED.unpack(sock.getsockopt(0, _LOCAL_PEERCRED, 76)[: _XUCRED.size])
        return Peer(uid=uid, pid=0)
    pid, uid, _ = _LINUX.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _LINUX.size))
    return Peer(uid=uid, pid=pid)


def login_name(uid: int) -> str:
    """Return the login name of a uid, or `uid N` for one without an entry."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
