"""The engine's socket: a versioned protocol for one user on one machine [C-601] (UX §2).

`serve_socket` runs until cancelled. It serves from the published view and hands acts to the engine;
it decides nothing, and no client can make it wait.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, final

import trio

from bot.control import faults
from bot.control.connection import Connection
from bot.control.door import QUEUE_MAX, let_in
from bot.control.errors import Exit, UserError
from bot.control.frames import encode_error
from bot.control.once import Once
from bot.control.peer import peer_of
from bot.control.place import Place, prepare
from bot.control.port import Engine
from bot.control.verbs import VerbKind
from bot.domain.instant import iso

__all__ = ["CONNECTIONS_MAX", "open_socket", "serve_socket"]

CONNECTIONS_MAX: Final = 16
_CANDIDATES_MAX: Final = 8  # clients beyond the 16th that may show a tightening first frame
_LAST_WORD_S: Final = 1.0


def open_socket(place: Place, *, holds_ledger_lock: bool) -> trio.SocketListener:
    """Bind the socket 0600 in a folder 0700 and listen.

    A left-over file is removed only with the ledger's lock in hand: without it, it could be a
    living engine's. Raises UserError LEDGER when one is there, CONFIG when the folder is not ours.
    """
    prepare(place.path.parent)
    if place.path.exists() or place.path.is_symlink():
        if not holds_ledger_lock:
            raise UserError(
                "SOCKET_TAKEN",
                exit=Exit.LEDGER,
                what=f"Cannot start: {place.path} exists already. Nothing was sent.",
                why="Another engine may be listening there, and its ledger is not held by us.",
                next="Stop it: bot down        Look first: bot status",
            )
        place.path.unlink()
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        raw.bind(os.fspath(place.path))
        place.path.chmod(0o600)
        raw.listen(QUEUE_MAX)
    except OSError as error:
        raw.close()
        raise UserError(
            "SOCKET",
            exit=Exit.CONFIG,
            what=f"Cannot start: no socket at {place.path} ({error.strerror}). Nothing was sent.",
            why="Without it nobody could stop the engine.",
            next="Check the folder's rights and free space, then: bot run",
        ) from None
    return trio.SocketListener(trio.socket.from_stdlib_socket(raw))


@contextmanager
def _unlinked_after(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()


def _wall_clock() -> str:
    return iso(time.time_ns() // 1_000_000)


async def serve_socket(
    place: Place,
    *,
    engine: Engine,
    once: Once,
    metrics: Callable[[], str],
    holds_ledger_lock: bool,
    uid: int | None = None,
    now: Callable[[], str] = _wall_clock,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve until cancelled, then remove the socket's file.

    `once` must live in a nursery that outlasts the clients; `uid` is the only user that is served
    (default: the engine's own). Errors as `open_socket`.
    """
    listener = open_socket(place, holds_ledger_lock=holds_ledger_lock)
    server = _Server(
        engine=engine,
        once=once,
        metrics=metrics,
        uid=os.geteuid() if uid is None else uid,
        now=now,
    )
    with _unlinked_after(place.path):
        task_status.started()
        await let_in(server.accept, listener=listener)


@final
class _Server:
    """Counts clients and lets them in."""

    def __init__(
        self,
        *,
        engine: Engine,
        once: Once,
        metrics: Callable[[], str],
        uid: int,
        now: Callable[[], str],
    ) -> None:
        self._engine = engine
        self._once = once
        self._metrics = metrics
        self._uid = uid
        self._now = now
        self._served = 0
        self._candidates = 0
        self._extra_taken = False

    async def accept(self, stream: trio.SocketStream) -> None:
        """Serve one connection; what goes wrong in it stays in it."""
        try:
            peer = peer_of(stream.socket)
        except OSError:
            self._engine.note("peer refused", why="no credentials")
            return
        if peer.uid != self._uid:
            self._engine.note("peer refused", uid=peer.uid, pid=peer.pid)
            return
        is_extra = self._served >= CONNECTIONS_MAX
        if is_extra and self._candidates >= _CANDIDATES_MAX:
            await self._turn_away(stream)
            return
        slot = _Slot(self, is_extra=is_extra)
        connection = Connection(
            stream,
            peer=peer,
            engine=self._engine,
            once=self._once,
            metrics=self._metrics,
            now=self._now,
            admit=slot.admit if is_extra else None,
        )
        try:
            await connection.run()
        except* Exception as group:  # noqa: BLE001  # outermost: one client's fault becomes a cause [C-606]
            for error in group.exceptions:
                self._engine.fault(where="socket", error=error)
        finally:
            slot.leave()

    async def _turn_away(self, stream: trio.SocketStream) -> None:
        line = encode_error(None, faults.busy(f"{CONNECTIONS_MAX} clients are served already"))
        with trio.move_on_after(_LAST_WORD_S), suppress(trio.BrokenResourceError):
            await stream.send_all(line)

    def count(self, *, served: int = 0, candidates: int = 0) -> None:
        """Keep the counts."""
        self._served += served
        self._candidates += candidates

    def take_extra(self) -> bool:
        """Give the one kept place, if it is free."""
        if self._extra_taken:
            return False
        self._extra_taken = True
        return True

    def free_extra(self) -> None:
        """Take the kept place back."""
        self._extra_taken = False


@final
class _Slot:
    """A client's place: one of the sixteen, a candidate's, or the one kept for tightening."""

    def __init__(self, server: _Server, *, is_extra: bool) -> None:
        self._server = server
        self._is_candidate = is_extra
        self._has_extra = False
        server.count(served=0 if is_extra else 1, candidates=1 if is_extra else 0)

    def admit(self, kind: VerbKind | None) -> bool:
        """Let a candidate in when its first verb tightens and the kept place is free."""
        if kind is not VerbKind.TIGHTEN or not self._server.take_extra():
            return False
        self._has_extra = True
        self._is_candidate = False
        self._server.count(candidates=-1)
        return True

    def leave(self) -> None:
        """Give the place back."""
        if self._has_extra:
            self._server.free_extra()
        elif self._is_candidate:
            self._server.count(candidates=-1)
        else:
            self._server.count(served=-1)
