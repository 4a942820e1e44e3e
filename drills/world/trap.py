"""What must not escape the world: real clocks, chance, threads, sockets, files [C-802].

While a run is on, the interpreter's own doors are watched. Libraries that mask frames draw from a
stream of the seed; our own code has a seam for that and is caught.
"""

import _thread
import os
import random
import secrets
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

__all__ = ["Escaped", "trapped"]

_OURS: Final = ("bot.", "ledger.", "drills.")
_CLOCKS: Final = (
    "time",
    "time_ns",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "sleep",
)
_CHANCE: Final = ("random", "randint", "randrange", "choice", "shuffle", "uniform", "getrandbits")
_TOKENS: Final = ("token_hex", "token_bytes", "token_urlsafe", "randbits")
_PROCESSES: Final = frozenset({"subprocess.Popen", "os.fork", "os.exec", "os.posix_spawn"})
_SOCKETS: Final = frozenset({"socket.__new__", "socket.connect", "socket.bind"})
_READABLE: Final = tuple(
    str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib")
)
_SOURCE: Final = str(Path(__file__).resolve().parents[2])

_armed: list["_Armed"] = []


class Escaped(BaseException):
    """Something real was reached from within; its text says what, and from where."""


class _Armed:
    def __init__(self, home: Path) -> None:
        self.home = f"{home.resolve()}{os.sep}"
        self.found: list[str] = []

    def escaped(self, what: str) -> Escaped:
        text = f"{what} from {_caller()}"
        self.found.append(text)
        return Escaped(text)


@contextmanager
def trapped(home: Path, *, chance: random.Random) -> Iterator[list[str]]:
    """Watch the doors; files below `home` are the world's own. Yields what has escaped so far.

    An escape raises Escaped where it happens and is kept, so that nobody can swallow it.
    """
    _hook()
    armed = _Armed(home)
    saved: list[tuple[Any, str, Any]] = []

    def replace(module: Any, name: str, stand_in: Callable[..., Any]) -> None:
        saved.append((module, name, getattr(module, name)))
        setattr(module, name, stand_in)

    for module in (threading, _thread):
        name = "_start_new_thread" if module is threading else "start_new_thread"
        replace(module, name, _refusing(armed, module, name))
    for name in _CLOCKS:
        replace(time, name, _refusing(armed, time, name))
    for name in _CHANCE:
        replace(random, name, _refusing(armed, random, name))
    for name in _TOKENS:
        replace(secrets, name, _refusing(armed, secrets, name))
    replace(os, "urandom", _drawing(armed, chance))
    _armed.append(armed)
    try:
        yield armed.found
    finally:
        _armed.remove(armed)
        for module, name, real in reversed(saved):
            setattr(module, name, real)


def _refusing(armed: _Armed, module: Any, name: str) -> Callable[..., Any]:
    what = f"{module.__name__}.{name}"

    def refuse(*_args: object, **_named: object) -> Any:
        raise armed.escaped(what)

    return refuse


def _drawing(armed: _Armed, chance: random.Random) -> Callable[[int], bytes]:
    def urandom(count: int) -> bytes:
        if sys._getframe(1).f_globals.get("__name__", "").startswith(_OURS):
            raise armed.escaped("os.urandom")
        return chance.randbytes(count)

    return urandom


def _caller() -> str:
    frame = sys._getframe(2)
    while frame.f_globals.get("__name__") == __name__ and frame.f_back is not None:
        frame = frame.f_back
    return f"{frame.f_globals.get('__name__')}:{frame.f_lineno}"


def _on_event(event: str, args: tuple[Any, ...]) -> None:
    if not _armed:
        return
    armed = _armed[-1]
    if event == "open":
        path = args[0]
        if isinstance(path, str) and not _is_inside(armed, path):
            raise armed.escaped(f"open {path}")
    elif event in _PROCESSES or event in _SOCKETS:
        raise armed.escaped(event)


def _is_inside(armed: _Armed, path: str) -> bool:
    if path.startswith((armed.home, "/proc/self/")) or path + os.sep == armed.home:
        return True
    # Code that is imported late is no escape.
    return path.endswith((".py", ".pyc", ".so")) and path.startswith((*_READABLE, _SOURCE))


_is_hooked = False


def _hook() -> None:
    global _is_hooked  # an audit hook cannot be taken back
    if not _is_hooked:
        sys.addaudithook(_on_event)
        _is_hooked = True
