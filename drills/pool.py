"""Workers over the cores, which end with the terminal's Ctrl-C and with their parent."""

import ctypes
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from typing import Final

__all__ = ["open_pool"]


_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of Linux


def _nothing() -> None:
    pass


@contextmanager
def open_pool(
    workers: int | None = None, *, warm: Callable[[], object] = _nothing
) -> Iterator[ProcessPoolExecutor]:
    """Give work to fresh processes, each of which calls `warm` first; leave none behind.

    A worker takes Ctrl-C as its end: in the middle of a simulated day nobody would hear of it.
    """
    pool = ProcessPoolExecutor(
        workers or os.cpu_count(), get_context("spawn"), initializer=_begin, initargs=(warm,)
    )
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _begin(warm: Callable[[], object]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with suppress(OSError, AttributeError):  # where the kernel knows it
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    warm()
