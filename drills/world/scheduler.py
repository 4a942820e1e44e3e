"""Trio with a seeded order of tasks and a clock that jumps to the next deadline.

The one place that knows trio's private switches (its issues 2675 and 3089): a test holds them to
the pinned version, and nothing else in the tree touches them.
"""

import gc
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import trio
import trio.abc
from trio.testing import MockClock

__all__ = ["run_seeded"]

T = TypeVar("T")


def run_seeded(
    main: Callable[[MockClock], Awaitable[T]],
    *,
    seed: int,
    instruments: Sequence[trio.abc.Instrument] = (),
) -> T:
    """Run to the end in virtual time; the same seed gives the same order of steps.

    The garbage collector rests meanwhile: what it finalises and when depends on addresses.
    """
    switches: Any = trio._core._run
    was_ordered, was_collecting = switches._ALLOW_DETERMINISTIC_SCHEDULING, gc.isenabled()
    switches._ALLOW_DETERMINISTIC_SCHEDULING = True
    switches._r.seed(seed)
    clock = MockClock(autojump_threshold=0)
    gc.collect()
    gc.disable()
    try:
        return trio.run(main, clock, clock=clock, instruments=instruments)
    finally:
        switches._ALLOW_DETERMINISTIC_SCHEDULING = was_ordered
        if was_collecting:
            gc.enable()
